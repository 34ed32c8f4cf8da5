import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'

let channel: LiveChannel

beforeAll(async () => {
  channel = await startLiveChannel({ slug: 'renditions', gopSeconds: 2, size: '1280x720' })
  await channel.untilSegments('video', 4)
}, 60_000)
afterAll(() => channel?.stop())

test('the multivariant playlist lists every variant with measured attributes', async () => {
  const { variants, media, independentSegments } = await channel.multivariant()
  expect(independentSegments).toBe(true)
  const videos = variants.filter(({ attributes }) => attributes.has('RESOLUTION'))
  expect(videos.map(({ attributes }) => attributes.get('RESOLUTION'))).toContain('1280x720')
  expect(videos.length).toBeGreaterThanOrEqual(3)
  for (const { attributes } of videos) {
    expect(Number(attributes.get('BANDWIDTH'))).toBeGreaterThanOrEqual(
      Number(attributes.get('AVERAGE-BANDWIDTH')),
    )
    expect(Number(attributes.get('AVERAGE-BANDWIDTH'))).toBeGreaterThan(10_000)
    expect(attributes.get('CODECS')).toMatch(/^avc1\.[0-9a-fA-F]{6},mp4a\.40\.2$/)
    expect(Number(attributes.get('FRAME-RATE'))).toBeCloseTo(30, 0)
    expect(attributes.get('AUDIO')).toBe(media[0]?.get('GROUP-ID'))
  }
  const audioOnly = variants.filter(({ attributes }) => attributes.get('CODECS') === 'mp4a.40.2')
  expect(audioOnly).toHaveLength(1)
})

test('no segment exceeds BANDWIDTH', async () => {
  const { variants } = await channel.multivariant()
  for (const { attributes, uri } of variants.filter((variant) => variant.attributes.has('RESOLUTION'))) {
    const { playlist } = await channel.playlistAt(uri)
    for (const segment of playlist.segments.filter((each) => each.uri).slice(-3)) {
      const { body } = await channel.mediaAt(uri, segment.uri ?? '')
      expect((body.length * 8) / segment.duration).toBeLessThanOrEqual(
        Number(attributes.get('BANDWIDTH')) * 1.1,
      )
    }
  }
})

test('all renditions agree on target duration, sequence numbers, discontinuities and program date-time', async () => {
  const playlists = [...(await channel.allPlaylists()).values()]
  const [first] = playlists
  const newestCommon = Math.min(
    ...playlists.map(({ segments }) => segments.findLast(({ uri }) => uri)?.msn ?? 0),
  )
  for (const playlist of playlists) {
    expect(playlist.targetDuration).toBe(first?.targetDuration)
    expect(playlist.discontinuitySequence).toBe(first?.discontinuitySequence)
    const segment = playlist.segments.find(({ msn }) => msn === newestCommon)
    const same = first?.segments.find(({ msn }) => msn === newestCommon)
    expect(Math.abs((segment?.programDateTime ?? 0) - (same?.programDateTime ?? 1e9))).toBeLessThan(50)
  }
})

test('every playlist reports on all others, and what it reports is available', async () => {
  const uris = await channel.playlistUris()
  for (const uri of uris) {
    const { playlist } = await channel.fresh(uri)
    expect(playlist.reports).toHaveLength(uris.length - 1)
    for (const report of playlist.reports) {
      const [msn, part] = [Number(report.get('LAST-MSN')), Number(report.get('LAST-PART'))]
      const other = await channel.playlistAt(
        channel.resolve(uri, report.get('URI') ?? ''),
        `_HLS_msn=${msn}&_HLS_part=${part}`,
      )
      expect(other.playlist.segments.find((segment) => segment.msn === msn)?.parts.length).toBeGreaterThan(
        part,
      )
    }
  }
})

test('video renditions have the same decode times in every segment', async () => {
  const times = await channel.decodeTimes(3)
  const [first, ...others] = [...times.values()]
  expect(first?.length).toBeGreaterThan(0)
  for (const other of others) expect(other).toEqual(first)
})
