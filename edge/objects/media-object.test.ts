import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { testObject } from '../../test/kit/media-object.ts'
import { formOf } from './media-object.ts'
import type { Form } from './representation.ts'

const header = ({ headers }: Form, name: string) => {
  const at = headers.indexOf(name)
  return at < 0 ? undefined : headers[at + 1]
}
const text = Buffer.from('#EXTINF:2,\n'.repeat(100))

test('the gzip form is made once, and has a tag of its own', () => {
  const object = testObject({ body: text })
  const form = formOf(object, true)
  expect(gunzipSync(form.body)).toEqual(text)
  expect(header(form, 'content-length')).toBe(String(form.body.length))
  expect(header(form, 'content-encoding')).toBe('gzip')
  expect(formOf(object, true)).toBe(form)
  expect(header(formOf(object, false), 'content-encoding')).toBeUndefined()
  expect(form.etag).not.toBe(object.plain.etag)
})

test('small playlists and media are sent as they are', () => {
  expect(header(formOf(testObject(), true), 'content-encoding')).toBeUndefined()
  const segment = testObject({ class: 'segment', body: text, contentType: 'video/mp4' })
  expect(header(formOf(segment, true), 'content-encoding')).toBeUndefined()
  expect(header(formOf(segment, true), 'vary')).toBeUndefined()
  expect(header(formOf(segment, true), 'accept-ranges')).toBe('bytes')
})

test('a playlist that changed has another tag', () => {
  const [one, two] = ['#EXTM3U\n#one', '#EXTM3U\n#two'].map((body) => testObject({ body: Buffer.from(body) }))
  expect(one?.plain.etag).toMatch(/^"[\w-]{16}"$/)
  expect(one?.plain.etag).not.toBe(two?.plain.etag)
})
