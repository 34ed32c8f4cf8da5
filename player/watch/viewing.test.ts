import { expect, test } from 'vitest'
import { createCmcd } from './cmcd.ts'
import { createViewing } from './viewing.ts'

function world() {
  const video = Object.assign(new EventTarget(), { seeking: false })
  let time = 0
  const now = () => time
  const viewing = createViewing(video, 'viewer-1', now)
  const at = (ms: number, event?: string) => {
    time = ms
    if (event) video.dispatchEvent(new Event(event))
  }
  return { video, viewing, at, now }
}

test('nothing is told before the first frame', () => {
  const { viewing, at } = world()
  at(500, 'waiting')
  expect(viewing.take()).toBeUndefined()
})

test('what moved and what stood still is told once', () => {
  const { viewing, at } = world()
  at(800, 'playing')
  viewing.joined(800)
  at(2800)
  expect(viewing.take()).toEqual({ joinMs: 800, stallsMs: [], playedMs: 2000 })
  at(3000, 'waiting')
  expect(viewing.take()).toEqual({ joinMs: undefined, stallsMs: [], playedMs: 200 })
  at(3700, 'playing')
  at(4000)
  expect(viewing.take()).toEqual({ joinMs: undefined, stallsMs: [700], playedMs: 300 })
})

test('a seek and a pause are no stalls; a playback that is built anew is one', () => {
  const { video, viewing, at } = world()
  at(0, 'playing')
  video.seeking = true
  at(100, 'waiting')
  video.seeking = false
  at(200, 'playing')
  at(300, 'waiting')
  at(400, 'pause')
  at(9000, 'playing')
  expect(viewing.take()).toMatchObject({ stallsMs: [], playedMs: 300 })
  at(10_000, 'emptied')
  at(11_500, 'playing')
  expect(viewing.take()).toMatchObject({ stallsMs: [1500], playedMs: 1000 })
  at(12_000, 'emptied')
  at(999_000, 'playing')
  expect(viewing.take()?.stallsMs).toEqual([60_000])
})

test('each playlist request says who, and once in a second how it goes', () => {
  const { viewing, at, now } = world()
  const sample = { bufferSeconds: 1.234, bitrate: 2_500_000, throughput: 25_449_000, latencySeconds: 1.4321 }
  const cmcd = createCmcd(viewing, () => sample, now)
  const told = (url: string, isPicture = true) => {
    const given = new URL(cmcd.urlOf(url, isPicture))
    return given.searchParams.get('CMCD')
  }
  const who = `sid="${viewing.id}",v=2`
  expect(told('http://e/live/a/s/720p.m3u8')).toBe(who)
  at(800, 'playing')
  viewing.joined(800)
  at(2000, 'waiting')
  at(2300, 'playing')
  at(2800)
  expect(told('http://e/live/a/s/audio.m3u8', false)).toBe(who)
  expect(told('http://e/live/a/s/720p.m3u8?_HLS_msn=3')).toBe(
    `bl=(1200),bs,bsd=(300),ltc=1432,msd=800,mtp=(25400),nowcast-played=1700,pb=(2500),${who}`,
  )
  at(3300)
  expect(told('http://e/live/a/s/720p.m3u8')).toBe(who)
  sample.bufferSeconds = Number.NaN
  at(3900)
  expect(told('http://e/live/a/s/720p.m3u8')).toBe(
    `ltc=1432,mtp=(25400),nowcast-played=1100,pb=(2500),${who}`,
  )
  expect(viewing.id).toBe('viewer-1')
})
