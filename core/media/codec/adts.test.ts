import { expect, test } from 'vitest'
import { parseAdts } from './adts.ts'

/** Builds an ADTS frame of AAC-LC, by default 48 kHz stereo. The bytes of a checksum are 0. */
function adts(body: Buffer, { hasChecksum = false, channels = 2, rateIndex = 3 } = {}): Buffer {
  const length = body.length + (hasChecksum ? 9 : 7)
  const header = Buffer.alloc(hasChecksum ? 9 : 7)
  header.writeUInt16BE(hasChecksum ? 0xfff0 : 0xfff1)
  header[2] = (1 << 6) | (rateIndex << 2) | (channels >> 2)
  header[3] = ((channels & 3) << 6) | (length >> 11)
  header[4] = length >> 3
  header[5] = ((length & 7) << 5) | 0x1f
  return Buffer.concat([header, body])
}

test.each([false, true])('frames are split from their headers (checksum: %s)', (hasChecksum) => {
  const bytes = Buffer.concat([adts(Buffer.from('one'), { hasChecksum }), adts(Buffer.from('second'))])
  const frames = parseAdts(bytes) ?? []
  expect(frames.map(({ body }) => body.toString())).toEqual(['one', 'second'])
  expect(frames.map(({ config }) => config.toString('hex'))).toEqual(['1190', '1190'])
})

test.each([
  [44_100, 4, 1, '1208'],
  [96_000, 0, 6, '1030'],
  [8000, 11, 2, '1590'],
])('the configuration of %d Hz', (_rate, rateIndex, channels, config) => {
  expect(parseAdts(adts(Buffer.from('x'), { rateIndex, channels }))?.[0]?.config.toString('hex')).toBe(config)
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a frame of AAC', Buffer.from('2100498000', 'hex')],
  ['a header alone', adts(Buffer.alloc(0))],
  ['a frame that is cut short', adts(Buffer.from('picture')).subarray(0, 10)],
  ['half a header', adts(Buffer.from('x')).subarray(0, 5)],
  ['other bytes after a frame', Buffer.concat([adts(Buffer.from('x')), Buffer.from('y')])],
])('%s is not ADTS', (_what, bytes) => {
  expect(parseAdts(bytes)).toBeUndefined()
})
