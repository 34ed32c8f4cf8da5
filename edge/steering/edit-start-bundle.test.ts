import { expect, test } from 'vitest'
import { writeStartBundle } from '../../core/playback/start-bundle.ts'
import { editStartBundle } from './edit-start-bundle.ts'

const bundleOf = (playlist: string) =>
  Buffer.concat(
    writeStartBundle({ rendition: '480p', backMs: 1000 }, [
      ['index.m3u8', Buffer.from(playlist)],
      ['s_1/480p.m3u8', Buffer.from('#EXTM3U')],
      ['s_1/1/480p/0.m4s', Buffer.from([0, 10, 255])],
    ]),
  )

test('only the multivariant playlist changes', () => {
  const edited = editStartBundle(bundleOf('#EXTM3U a'), (playlist) => `${playlist} and more`)
  expect(edited.equals(bundleOf('#EXTM3U a and more'))).toBe(true)
})

test('what is no bundle stays as it is', () => {
  for (const other of ['', 'no line end', '{}\nrest', '{"rendition":"a","backMs":1,"files":[]}\n']) {
    const body = Buffer.from(other)
    expect(editStartBundle(body, () => 'x').equals(body)).toBe(true)
  }
})
