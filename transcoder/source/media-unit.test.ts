import { expect, test } from 'vitest'
import { audioTagOf } from '../../core/media/flv-audio.ts'
import { audioTag, scriptTag, sealTag, tagOf, videoTag } from '../../core/media/flv-tag.ts'
import { videoTagOf } from '../../core/media/flv-video.ts'
import { createUnitParser, shownAtMs } from './media-unit.ts'

const body = Buffer.from('body')

function sealed(tag: Buffer, type: number, ms: number): Buffer {
  sealTag(tag, type, ms)
  return tag
}

const frameAt = (ms: number) => sealed(audioTagOf('aac', 'frame', body), audioTag, ms)

test('a frame of video', () => {
  const fields = { codec: 'hevc', packet: 'keyframe', compositionTime: 66 } as const
  const tag = sealed(videoTagOf({ ...fields, body }), videoTag, 1000)
  const unit = createUnitParser(0)(tag)
  expect(unit).toMatchObject({
    kind: 'video',
    codec: 'hevc',
    packet: 'keyframe',
    ms: 1000,
    compositionMs: 66,
    tag,
  })
  expect(unit?.body.toString()).toBe('body')
  expect(unit && shownAtMs(unit)).toBe(1066)
})

test('a frame of audio is shown when it is decoded', () => {
  const unit = createUnitParser(0)(sealed(audioTagOf('opus', 'frame', body), audioTag, 20))
  expect(unit).toMatchObject({ kind: 'audio', codec: 'opus', packet: 'frame', ms: 20 })
  expect(unit && shownAtMs(unit)).toBe(20)
})

test.each([
  ['a script', tagOf(scriptTag, 0, body)],
  ['the end of a sequence', tagOf(videoTag, 0, Buffer.from('1702000000', 'hex'))],
  ['a codec of the Flash era', tagOf(videoTag, 0, Buffer.from('12', 'hex'))],
  ['Speex', tagOf(audioTag, 0, Buffer.from('b2', 'hex'))],
])('%s is no media', (_, tag) => {
  expect(createUnitParser(0)(tag)).toBeUndefined()
})

test('times are continuous beyond the bits of FLV', () => {
  const parse = createUnitParser(0)
  const steps = Array.from({ length: 12 }, (_, index) => index * 1_000_000_000)
  expect(steps.map((ms) => parse(frameAt(ms))?.ms)).toEqual(steps)
})

test('the first time is the one near to what is known', () => {
  const weeks = 60 * 24 * 3_600_000
  expect(createUnitParser(weeks)(frameAt(weeks + 500))?.ms).toBe(weeks + 500)
  // ffmpeg writes the priming frames of an audio encoder with times below 0.
  expect(createUnitParser(0)(frameAt(0x7f_ff_ff_eb))?.ms).toBe(-21)
})

test('a configuration has the time of the newest frame, whenever it was received first', () => {
  const parse = createUnitParser(0)
  for (const ms of [1_000_000_000, 2_000_000_000]) parse(frameAt(ms))
  expect(parse(sealed(audioTagOf('aac', 'config', body), audioTag, 0))?.ms).toBe(2_000_000_000)
  expect(parse(frameAt(2_000_000_021))?.ms).toBe(2_000_000_021)
})
