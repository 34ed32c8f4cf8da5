import { expect, test } from 'vitest'
import { hasCaptions } from './captions.ts'

const nal = (hex: string) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
const captions = '04 20 b50031 47413934 03 c1ff fc9420 80'
const other = '05 10 dc45e9bde6d948b7962cd820d923eeef'

test.each([
  ['H.264 before the picture', 'h264', [`09f0`, `06 ${captions}`, '65 88'], true],
  ['HEVC before the picture', 'hevc', [`4601 50`, `4e01 ${captions}`, '2601 af'], true],
  ['other information', 'h264', [`06 ${other}`, '41 9a'], false],
  ['after the picture', 'h264', ['41 9a', `06 ${captions}`], false],
  ['no information', 'hevc', ['2601 af'], false],
  ['nothing', 'h264', [], false],
] as const)('captions: %s', (_, codec, nals, expected) => {
  expect(hasCaptions(codec, Buffer.concat(nals.map(nal)), 4)).toBe(expected)
})

test('lengths that do not fit end the search', () => {
  expect(hasCaptions('h264', Buffer.from('ffffffff06', 'hex'), 4)).toBe(false)
  expect(hasCaptions('h264', Buffer.from('000000', 'hex'), 4)).toBe(false)
})
