import { expect, test } from 'vitest'
import { parseAacConfig } from '../../core/media/codec/aac.ts'
import { createAacHeaderGuess, isOpusHeader, opusHeader } from './missing-audio-header.ts'

/**
 * Adds up to 200 frames, with timestamps in whole ms that begin at `from`. Returns the guessed header, and
 * the number of frames that it took.
 */
function guess(sampleRate: number, frame = Buffer.from([0x21, 0]), from = 0) {
  const header = createAacHeaderGuess()
  for (let n = 0; n < 200; n++) {
    const config = header.add(frame, (from + Math.round((n * 1024_000) / sampleRate)) >>> 0)
    if (config) return { config: parseAacConfig(config), frames: n + 1 }
  }
  return undefined
}

test.each([96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000])(
  'the sample rate %d is found after 49 frames',
  (sampleRate) => {
    const found = guess(sampleRate)
    expect(found?.config).toMatchObject({ objectType: 2, sampleRate, channels: 2 })
    expect(found?.frames).toBe(49)
  },
)

test('one channel is found by the first element', () => {
  expect(guess(48_000, Buffer.from([0x01, 0x40]))?.config.channels).toBe(1)
  expect(guess(48_000, Buffer.alloc(0))?.config.channels).toBe(1)
})

test('timestamps may wrap', () => {
  expect(guess(44_100, undefined, 0xffff_ff00)?.config.sampleRate).toBe(44_100)
})

test('nothing is derived from timestamps that stand still or run back', () => {
  const still = createAacHeaderGuess()
  const back = createAacHeaderGuess()
  for (let n = 0; n < 500; n++) {
    expect(still.add(Buffer.from([0x21]), 1000)).toBeUndefined()
    expect(back.add(Buffer.from([0x21]), 100_000 - n)).toBeUndefined()
  }
})

test('a header of Opus', () => {
  const header = opusHeader(2)
  expect(header.toString('hex')).toBe('4f707573486561640102380180bb0000000000')
  expect(isOpusHeader(header)).toBe(true)
})

test.each(['', '4f707573486561640100380180bb0000000000', '4f70757348656164', '00'.repeat(19)])(
  'a configuration of Opus that reads %j is not a header',
  (config) => {
    expect(isOpusHeader(Buffer.from(config, 'hex'))).toBe(false)
  },
)
