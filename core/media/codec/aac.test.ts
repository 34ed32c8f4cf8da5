import { expect, test } from 'vitest'
import { parseAacConfig } from './aac.ts'

test.each([
  ['LC, 48 kHz stereo', '119056e500', 'mp4a.40.2', 48_000, 2],
  ['LC, 44.1 kHz mono', '120856e500', 'mp4a.40.2', 44_100, 1],
  ['LC, 48 kHz 5.1', '11b056e500', 'mp4a.40.2', 48_000, 6],
  ['LC without extension', '1190', 'mp4a.40.2', 48_000, 2],
  ['HE-AAC, explicit', '2b1188', 'mp4a.40.5', 48_000, 2],
  ['HE-AAC, backward compatible', '131056e598', 'mp4a.40.5', 48_000, 2],
  ['HE-AAC v2', 'eb0988', 'mp4a.40.29', 48_000, 2],
])('the decoded sound of %s', (_name, config, codecString, outputSampleRate, outputChannels) => {
  const expected = { codecString, outputSampleRate, outputChannels }
  expect(parseAacConfig(Buffer.from(config, 'hex'))).toMatchObject(expected)
})

test.each([
  ['AAC-LC, 44.1 kHz, mono', '1208', { objectType: 2, sampleRate: 44_100, channels: 1, frameSamples: 1024 }],
  [
    'HE-AAC, 48 kHz from 24 kHz, stereo',
    '2b118800',
    { objectType: 5, sampleRate: 24_000, channels: 2, frameSamples: 1024 },
  ],
  ['AAC-LC with frames of 960', '1214', { sampleRate: 44_100, channels: 2, frameSamples: 960 }],
])('the core codec of %s', (_name, config, expected) => {
  expect(parseAacConfig(Buffer.from(config, 'hex'))).toMatchObject(expected)
})

test('a configuration that is cut short, reserved or of an unknown type is refused', () => {
  for (const config of ['', '11', '1680', 'f8', '0190', 'ffff90'])
    expect(() => parseAacConfig(Buffer.from(config, 'hex'))).toThrow(RangeError)
})
