import { expect, test } from 'vitest'
import { createCmcd } from './cmcd.ts'
import { createExperienceMonitor } from './experience-monitor.ts'

function openPage() {
  const video = Object.assign(new EventTarget(), { seeking: false })
  let time = 0
  const now = () => time
  const experience = createExperienceMonitor(video, 'viewer-1', now)
  const at = (ms: number, event?: string) => {
    time = ms
    if (event) video.dispatchEvent(new Event(event))
  }
  return { video, experience, at, now }
}

test('nothing is reported before the first frame', () => {
  const { experience, at } = openPage()
  at(500, 'waiting')
  expect(experience.takeDelta()).toBeUndefined()
})

test('playing time and stalls are reported once', () => {
  const { experience, at } = openPage()
  at(800, 'playing')
  experience.joined(800)
  at(2800)
  expect(experience.takeDelta()).toEqual({ joinMs: 800, stallsMs: [], playedMs: 2000 })
  at(3000, 'waiting')
  expect(experience.takeDelta()).toEqual({ joinMs: undefined, stallsMs: [], playedMs: 200 })
  at(3700, 'playing')
  at(4000)
  expect(experience.takeDelta()).toEqual({ joinMs: undefined, stallsMs: [700], playedMs: 300 })
})

test('seeks and pauses are not stalls, the replacement of a playback is one', () => {
  const { video, experience, at } = openPage()
  at(0, 'playing')
  video.seeking = true
  at(100, 'waiting')
  video.seeking = false
  at(200, 'playing')
  at(300, 'waiting')
  at(400, 'pause')
  at(9000, 'playing')
  expect(experience.takeDelta()).toMatchObject({ stallsMs: [], playedMs: 300 })
  at(10_000, 'emptied')
  at(11_500, 'playing')
  expect(experience.takeDelta()).toMatchObject({ stallsMs: [1500], playedMs: 1000 })
  at(12_000, 'emptied')
  at(999_000, 'playing')
  expect(experience.takeDelta()?.stallsMs).toEqual([60_000])
})

test('each playlist request carries the viewer id, one per second the experience', () => {
  const { experience, at, now } = openPage()
  const sample = { bufferSeconds: 1.234, bitrate: 2_500_000, throughput: 25_449_000, latencySeconds: 1.4321 }
  const cmcd = createCmcd(experience, () => sample, now)
  const cmcdOf = (url: string, isVideo = true) => new URL(cmcd.addTo(url, isVideo)).searchParams.get('CMCD')
  const viewer = `sid="${experience.viewerId}",v=2`
  expect(cmcdOf('http://e/live/a/s/720p.m3u8')).toBe(viewer)
  at(800, 'playing')
  experience.joined(800)
  at(2000, 'waiting')
  at(2300, 'playing')
  at(2800)
  expect(cmcdOf('http://e/live/a/s/audio.m3u8', false)).toBe(viewer)
  expect(cmcdOf('http://e/live/a/s/720p.m3u8?_HLS_msn=3')).toBe(
    `bl=(1200),bs,bsd=(300),ltc=1432,msd=800,mtp=(25400),nowcast-played=1700,pb=(2500),${viewer}`,
  )
  at(3300)
  expect(cmcdOf('http://e/live/a/s/720p.m3u8')).toBe(viewer)
  sample.bufferSeconds = Number.NaN
  at(3900)
  expect(cmcdOf('http://e/live/a/s/720p.m3u8')).toBe(
    `ltc=1432,mtp=(25400),nowcast-played=1100,pb=(2500),${viewer}`,
  )
  expect(experience.viewerId).toBe('viewer-1')
})
