import { expect, test } from 'vitest'
import { sampleJpeg, sampleMp4, samplePng, sampleWebm } from '../../test/kit/manager/sample-slates.ts'
import { createRandom } from '../../test/kit/random.ts'
import { slateFlaw } from './slate-check.ts'

const samples = [
  ['image/png', samplePng()],
  ['image/jpeg', sampleJpeg()],
  ['video/mp4', sampleMp4()],
  ['video/webm', sampleWebm()],
] as const

test.each(samples)('accepts a file of %s', (type, file) => {
  expect(slateFlaw(file, type)).toBeUndefined()
})

test('accepts bytes behind the end of a picture', () => {
  const rest = Buffer.from('rest')
  expect(slateFlaw(Buffer.concat([samplePng(), rest]), 'image/png')).toBeUndefined()
  expect(slateFlaw(Buffer.concat([sampleJpeg(), rest]), 'image/jpeg')).toBeUndefined()
})

test('accepts the other forms of clips', () => {
  expect(slateFlaw(sampleMp4({ version: 1 }), 'video/mp4')).toBeUndefined()
  expect(slateFlaw(sampleWebm('matroska'), 'video/webm')).toBeUndefined()
  expect(slateFlaw(sampleMp4({ seconds: 0.5 }), 'video/mp4')).toBeUndefined()
  expect(slateFlaw(sampleMp4({ seconds: 30 }), 'video/mp4')).toBeUndefined()
})

test('a box may have a 64-bit size, or reach to the end of the file', () => {
  const file = sampleMp4()
  const media = file.length - 72
  const long = Buffer.from('000000016d6461740000000000000010', 'hex')
  expect(slateFlaw(Buffer.concat([file.subarray(0, media), long]), 'video/mp4')).toBeUndefined()
  file.writeUInt32BE(0, media)
  expect(slateFlaw(file, 'video/mp4')).toBeUndefined()
})

test.each([
  ['a small picture', 'image/png', samplePng(15, 360), /^The picture has 15x360 pixels; .* from 16 to 4096$/],
  ['a large picture', 'image/jpeg', sampleJpeg(640, 4097), /^The picture has 640x4097 pixels/],
  ['another kind of picture', 'image/png', sampleJpeg(), 'The file is a JPEG picture: send it as image/jpeg'],
  ['a picture as a clip', 'video/mp4', samplePng(), 'The file is a PNG picture: send it as image/png'],
  ['text', 'image/jpeg', Buffer.from('<svg/>'), 'The file is not a JPEG picture'],
  ['one byte', 'video/webm', Buffer.from([0x1a]), 'The file is not a WebM clip'],
  ['a clip without fast start', 'video/mp4', sampleMp4({ isFast: false }), /"fast start"/],
  [
    'a clip without a picture',
    'video/mp4',
    sampleMp4({ handler: 'soun' }),
    'The MP4 clip has no video track',
  ],
  ['a short clip', 'video/mp4', sampleMp4({ seconds: 0.4 }), /^The clip lasts 0\.4 s; .* from 0\.5 to 30 s$/],
  ['a long clip', 'video/mp4', sampleMp4({ seconds: 31, version: 1 }), /^The clip lasts 31 s/],
  ['an MP4 header alone', 'video/mp4', sampleMp4().subarray(0, 12), 'The MP4 clip has no index (moov)'],
  ['another EBML file', 'video/webm', sampleWebm('other'), 'The file is not a WebM clip'],
] as const)('refuses %s', (_what, type, file, flaw) => {
  expect(slateFlaw(file, type)).toMatch(flaw)
})

test.each(samples.slice(0, 3))('refuses a file of %s without its end', (type, file) => {
  for (let length = 0; length < file.length; length += 1)
    expect(slateFlaw(file.subarray(0, length), type), `${length} bytes`).toBeTypeOf('string')
})

test('a file of many boxes is refused at once', () => {
  const boxes = Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from('0000000866726565', 'hex')))
  const file = Buffer.concat([Buffer.from('0000000866747970', 'hex'), boxes])
  expect(slateFlaw(file, 'video/mp4')).toBe('The MP4 clip is damaged or not complete')
})

test.each(samples)('mutated files of %s never throw', (type, valid) => {
  const random = createRandom(7)
  const below = (end: number) => Math.floor(random() * end)
  let refused = 0
  for (let round = 0; round < 3000; round += 1) {
    const file = Buffer.from(valid.subarray(0, random() < 0.3 ? below(valid.length) : valid.length))
    for (let change = below(6); change >= 0 && file.length > 0; change -= 1)
      file[below(file.length)] = random() < 0.5 ? below(256) : random() < 0.5 ? 0 : 0xff
    const flaw = slateFlaw(file, type)
    if (flaw !== undefined) refused += 1
  }
  expect(refused).toBeGreaterThan(500)
})
