import { expect, test } from 'vitest'
import type { AudioCodec } from '../../core/media/codec/audio-format.ts'
import { audioTagOf } from '../../core/media/flv-audio.ts'
import { AudioMonitor } from './audio-monitor.ts'

const unit = (codec: AudioCodec, packet: 'config' | 'frame', body: string) => ({
  codec,
  packet,
  tag: audioTagOf(codec, packet, Buffer.from(body, 'hex')),
  offsetMs: 0,
})
const stereo = unit('aac', 'config', '1190')
const mono = unit('aac', 'config', '1208')
const frame = unit('aac', 'frame', '2101')

test('AAC is known by its header, which is then kept', () => {
  const monitor = new AudioMonitor()
  expect([monitor.isKnown, monitor.source, monitor.config]).toEqual([false, null, undefined])
  expect(monitor.observe(frame, 0)).toBe('ignored')
  expect(monitor.span).toBeUndefined()
  expect(monitor.observe(stereo, 0)).toBe('restart')
  expect(monitor.source).toMatchObject({ codec: 'aac', codecString: 'mp4a.40.2', channels: 2, bitrate: 0 })
  expect(monitor.config).toBe(stereo.tag)
  expect(monitor.observe(frame, 100)).toBe('frame')
  expect(monitor.observe(frame, 121)).toBe('frame')
  expect(monitor.span).toBe(21)
})

test('the same header changes nothing, another one restarts decoders', () => {
  const monitor = new AudioMonitor()
  const events = [stereo, frame, stereo, mono, frame].map((each, n) => monitor.observe(each, n))
  expect(events).toEqual(['restart', 'frame', 'ignored', 'restart', 'frame'])
  expect(monitor.source?.channels).toBe(1)
})

test('a header that cannot be read is ignored', () => {
  const monitor = new AudioMonitor()
  expect(monitor.observe(unit('aac', 'config', '16'), 0)).toBe('ignored')
  expect(monitor.isKnown).toBe(false)
})

test('MP3 and Opus are known by a frame', () => {
  const mp3 = new AudioMonitor()
  expect(mp3.observe(unit('mp3', 'frame', 'fffb94c4'), 0)).toBe('restart')
  expect(mp3.source).toMatchObject({ codec: 'mp3', sampleRate: 48_000, channels: 1 })
  expect(mp3.config).toBeUndefined()
  const opus = new AudioMonitor()
  expect(opus.observe(unit('opus', 'frame', 'fcff'), 0)).toBe('restart')
  expect(opus.source).toMatchObject({ codec: 'opus', channels: 2 })
})

test('another codec restarts decoders, and the header of the first is forgotten', () => {
  const monitor = new AudioMonitor()
  const mp3 = unit('mp3', 'frame', 'fffb9044')
  const events = [stereo, frame, mp3, mp3, frame, stereo, frame].map((each, n) => monitor.observe(each, n))
  expect(events).toEqual(['restart', 'frame', 'restart', 'frame', 'ignored', 'restart', 'frame'])
  monitor.observe(mp3, 10)
  expect(monitor.config).toBeUndefined()
  expect(monitor.source?.codec).toBe('mp3')
})

test('the bitrate counts tags', () => {
  const monitor = new AudioMonitor()
  monitor.observe(stereo, 0)
  const second = unit('aac', 'frame', '00'.repeat(383))
  for (let time = 0; time <= 4000; time += 20) monitor.observe(second, time)
  expect(monitor.source?.bitrate).toBeGreaterThan(155_000)
  expect(monitor.source?.bitrate).toBeLessThan(165_000)
})
