import { expect, test } from 'vitest'
import { testObject } from '../../test/kit/edge/media-object.ts'
import { relaxedOf, withoutParts } from './relaxed-playlist.ts'

const head = ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:2', '#EXT-X-INDEPENDENT-SEGMENTS']
const segments = [
  '#EXT-X-MEDIA-SEQUENCE:7',
  '#EXT-X-MAP:URI="1/720p/init.mp4"',
  '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z',
  '#EXTINF:2,',
  '1/720p/7.m4s',
]
const second = ['#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z', '#EXTINF:2,', '1/720p/8.m4s']
const text = (...lines: string[]) => `${lines.join('\n')}\n`

const live = text(
  ...head,
  '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=1.002',
  '#EXT-X-PART-INF:PART-TARGET=0.334',
  ...segments,
  '#EXT-X-PART:DURATION=1,URI="1/720p/8.0.m4s",INDEPENDENT=YES',
  '#EXT-X-PART:DURATION=1,URI="1/720p/8.1.m4s"',
  ...second,
  '#EXT-X-DISCONTINUITY',
  '#EXT-X-MAP:URI="2/720p/init.mp4"',
  '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z',
  '#EXT-X-PART:DURATION=0.334,URI="2/720p/9.0.m4s",INDEPENDENT=YES',
  '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="2/720p/9.1.m4s"',
  '#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=9,LAST-PART=0',
)

test('a playlist becomes that of a stream without parts', () => {
  expect(withoutParts(live)).toBe(
    text(
      ...head,
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6',
      ...segments,
      ...second,
    ),
  )
})

test('the end of the stream is kept', () => {
  const over = withoutParts(live.replace('#EXT-X-PRELOAD-HINT', '#EXT-X-ENDLIST\n#EXT-X-PRELOAD-HINT'))
  expect(over.endsWith('1/720p/8.m4s\n#EXT-X-ENDLIST\n')).toBe(true)
})

test('PART-HOLD-BACK is removed wherever it is in its tag', () => {
  const control = '#EXT-X-SERVER-CONTROL:PART-HOLD-BACK=1,CAN-BLOCK-RELOAD=YES'
  expect(withoutParts(text(...head, control, '#EXT-X-PART-INF:PART-TARGET=0.3', ...segments))).toContain(
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n',
  )
})

test('a playlist without parts, or without segments, is not changed', () => {
  const plain = text(...head, ...segments)
  expect(withoutParts(plain)).toBe(plain)
  const young = text(...head, '#EXT-X-PART-INF:PART-TARGET=0.3', '#EXT-X-PART:DURATION=0.3,URI="1/a/0.0.m4s"')
  expect(withoutParts(young)).toBe(young)
})

test('a relaxed playlist is made once and is no longer compressed when it becomes short', () => {
  const parts = '#EXT-X-PART:DURATION=0.334,URI="1/720p/9.0.m4s"'
  const object = testObject({ body: Buffer.from(text('#EXTM3U', ...Array(9).fill(parts), '1/720p/8.m4s')) })
  const relaxed = relaxedOf(object)
  expect(relaxedOf(object)).toBe(relaxed)
  expect(relaxed.plain.body.toString()).toBe(text('#EXTM3U', '1/720p/8.m4s'))
  expect([object.isCompressible, relaxed.isCompressible, relaxed.gzip]).toEqual([true, false, null])
  const plain = testObject()
  expect(relaxedOf(plain)).toBe(plain)
})
