import { expect, test } from 'vitest'
import type { VideoCodec } from '../../core/media/codec/video-config.ts'
import { videoTagOf } from '../../core/media/flv-video.ts'
import { avcRecord, avcSps } from '../../test/kit/ingest/avc-bytes.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'
import { VideoMonitor } from './video-monitor.ts'

const limits = { maxLong: 8192, maxShort: 4320, maxPixelRate: 100e6 }

const unit = (codec: VideoCodec, packet: 'config' | 'keyframe' | 'frame', hex: string) => {
  const body = Buffer.from(hex, 'hex')
  return { codec, packet, tag: videoTagOf({ codec, packet, compositionTime: 0, body }) }
}
const config = (width: number, height: number, fps?: number) =>
  unit('h264', 'config', avcRecord(avcSps(width, height, fps)).toString('hex'))
const small = config(640, 352, 30)
const large = config(1280, 720, 30)
const untimed = config(640, 352)
const keyframe = unit('h264', 'keyframe', '0000000165')
const frame = unit('h264', 'frame', '0000000141')

test('a source is known with its first keyframe', () => {
  const monitor = new VideoMonitor(limits)
  expect(monitor.observe(frame, 0)).toBe('ignored')
  expect(monitor.observe(small, 0)).toBe('restart')
  expect(monitor.observe(frame, 0)).toBe('ignored')
  expect([monitor.isKnown, monitor.canStart, monitor.source]).toEqual([false, false, null])
  expect(monitor.observe(keyframe, 40)).toBe('keyframe')
  expect([monitor.isKnown, monitor.canStart]).toEqual([true, true])
  expect(monitor.source).toMatchObject({ codec: 'h264', width: 640, height: 352, fps: 30, gopMs: null })
  expect(monitor.observe(frame, 73)).toBe('frame')
  expect(monitor.span).toBe(73)
})

test('a frame rate that no header states is guessed from five frames, then measured', () => {
  const monitor = new VideoMonitor(limits)
  monitor.observe(untimed, 0)
  const known: (number | undefined)[] = []
  for (let n = 0; n < 100; n++) {
    monitor.observe(n % 25 === 0 ? keyframe : frame, n * 40)
    known.push(monitor.source?.fps)
  }
  expect(known.slice(0, 5)).toEqual([undefined, undefined, undefined, undefined, 25])
  expect(known.at(-1)).toBe(25)
  expect(monitor.source?.gopMs).toBe(1000)
})

test('the same header changes nothing; after another one decoders wait for a keyframe', () => {
  const monitor = new VideoMonitor(limits)
  const events = [small, keyframe, small, frame, large, frame, keyframe, frame].map((each, n) =>
    monitor.observe(each, n * 33),
  )
  expect(events).toEqual([
    ...['restart', 'keyframe', 'ignored', 'frame', 'restart', 'ignored', 'keyframe', 'frame'],
  ])
  expect(monitor.source).toMatchObject({ width: 1280, height: 720, fps: 30 })
  expect(monitor.config).toBe(large.tag)
})

test('a new format keeps the frame rate of the one before until it has its own', () => {
  const monitor = new VideoMonitor(limits)
  monitor.observe(large, 0)
  for (let n = 0; n < 100; n++) monitor.observe(n === 0 ? keyframe : frame, n * 20)
  expect(monitor.source?.fps).toBe(50)
  monitor.observe(untimed, 2000)
  expect(monitor.source).toMatchObject({ width: 640, fps: 50 })
  for (let n = 0; n < 100; n++) monitor.observe(n === 0 ? keyframe : frame, 2000 + n * 40)
  expect(monitor.source?.fps).toBe(25)
})

test('the size of VP9 is known with a keyframe', () => {
  const monitor = new VideoMonitor(limits)
  monitor.observe(unit('vp9', 'config', '010000000015820202020000'), 0)
  for (let n = 0; n < 5; n++) {
    expect(monitor.source).toBeNull()
    monitor.observe(unit('vp9', 'keyframe', '824983420027f01676043824'), n * 33)
  }
  expect(monitor.source).toMatchObject({ width: 640, height: 360, fps: 30 })
})

test.each([
  ['a header that cannot be read', unit('h264', 'config', '0142c01e'), /The header of the H264 video cannot/],
  ['an absurd size', config(65_536, 16), /picture size 65536x16 is not plausible/],
  [
    'a header of HEVC that is cut short',
    unit('hevc', 'config', '0101600000'),
    /The header of the HEVC video/,
  ],
])('%s is refused with words', (_what, header, words) => {
  const monitor = new VideoMonitor(limits)
  expect(() => monitor.observe(header, 0)).toThrow(UnsupportedMedia)
  expect(() => monitor.observe(header, 0)).toThrow(words)
})

test('a picture that is too large is refused', () => {
  const monitor = new VideoMonitor({ ...limits, maxLong: 1000 })
  expect(() => monitor.observe(large, 0)).toThrow('A picture of 1280x720 is too large')
})

test('too many pixels per second are refused after 3 s, and a burst of frames is not', () => {
  const monitor = new VideoMonitor(limits)
  monitor.observe(large, 0)
  const seconds = (from: number, to: number, fps: number) => {
    for (let n = 0; n < (to - from) * fps; n++)
      monitor.observe(n === 0 ? keyframe : frame, Math.round(from * 1000 + (n * 1000) / fps))
  }
  seconds(0, 5, 30)
  seconds(5, 5.15, 1000)
  seconds(6, 10, 60)
  expect(() => seconds(10, 20, 120)).toThrow('1280x720 at 120 frames per second is too much')
})
