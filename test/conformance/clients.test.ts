import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'
import { startProcess } from '../kit/processes.ts'

interface HlsParser {
  parse(text: string): {
    isMasterPlaylist: boolean
    variants?: unknown[]
    segments?: unknown[]
    targetDuration?: number
  }
}
const hlsParser = createRequire(import.meta.url)('hls-parser') as HlsParser

let channel: LiveChannel

beforeAll(async () => {
  channel = await startLiveChannel({ slug: 'clients', gopSeconds: 2 })
  await channel.untilSegments('video', 4)
}, 60_000)
afterAll(() => channel?.stop())

test('another parser can read the playlists', async () => {
  const master = hlsParser.parse((await channel.multivariant()).text)
  expect(master.isMasterPlaylist).toBe(true)
  expect(master.variants?.length).toBeGreaterThan(1)
  for (const { text, targetDuration } of (await channel.allPlaylists()).values()) {
    const media = hlsParser.parse(text)
    expect(media.targetDuration).toBe(targetDuration)
    expect(media.segments?.length).toBeGreaterThan(3)
  }
})

test('ffmpeg, a player without low latency, plays four seconds without an error', async () => {
  // It begins at the oldest media of all renditions, so a time limit may end before the largest one begins.
  const player = startProcess('ffmpeg', [
    ...['-hide_banner', '-loglevel', 'warning', '-nostdin', '-i', `${channel.base}index.m3u8`],
    ...['-map', '0:v:0', '-map', '0:a:0', '-frames:v', '120', '-progress', 'pipe:1', '-f', 'null', '-'],
  ])
  const { code } = await player.exited
  expect(code, player.lines.join('\n')).toBe(0)
  const frames = Number(player.lines.findLast((line) => line.startsWith('frame='))?.slice('frame='.length))
  expect(frames).toBe(120)
  const complaints = player.lines.filter((line) => /error|invalid|corrupt|missing|non[- ]monoton/i.test(line))
  expect(complaints).toEqual([])
}, 40_000)
