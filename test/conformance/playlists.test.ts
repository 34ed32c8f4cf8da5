import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'
import type { ReadPlaylist, ReadSegment } from '../kit/playlist.ts'

let channel: LiveChannel
/** Thirty successive versions of the playlist of the first video variant. */
let versions: ReadPlaylist[]

beforeAll(async () => {
  channel = await startLiveChannel({ slug: 'playlists', gopSeconds: 2 })
  await channel.untilSegments('video', 8)
  versions = await channel.follow('video', 30)
}, 90_000)
afterAll(() => channel?.stop())

const last = <T>(list: readonly T[]): T => {
  const value = list.at(-1)
  if (value === undefined) throw new Error('an empty list')
  return value
}

test('EXT-X-SERVER-CONTROL follows its rules and is the same in every media playlist', async () => {
  const playlists = await channel.allPlaylists()
  const { serverControl, targetDuration, partTarget = 0 } = last(versions)
  expect(serverControl.get('CAN-BLOCK-RELOAD')).toBe('YES')
  expect(Number(serverControl.get('HOLD-BACK'))).toBeGreaterThanOrEqual(3 * targetDuration)
  expect(Number(serverControl.get('PART-HOLD-BACK'))).toBeGreaterThanOrEqual(3 * partTarget - 1e-9)
  expect(Number(serverControl.get('CAN-SKIP-UNTIL'))).toBeGreaterThanOrEqual(6 * targetDuration)
  for (const { serverControl: other } of playlists.values()) expect(other).toEqual(serverControl)
})

test('the target duration never changes, and no segment rounds to more', () => {
  expect(new Set(versions.map(({ targetDuration }) => targetDuration)).size).toBe(1)
  for (const { segments, targetDuration } of versions)
    for (const { duration, uri } of segments)
      if (uri) expect(Math.round(duration)).toBeLessThanOrEqual(targetDuration)
})

test('every part is at most the part target, and at least 85 % of it except the last of a segment', () => {
  for (const { segments, partTarget = 0 } of versions)
    for (const { parts } of segments)
      parts.forEach(({ duration }, i) => {
        expect(duration).toBeLessThanOrEqual(partTarget + 1e-9)
        // The last listed part may be the last one of its segment, which may be shorter.
        const isLast = i === parts.length - 1
        if (!isLast) expect(duration).toBeGreaterThanOrEqual(0.85 * partTarget - 1e-9)
      })
})

test('every segment begins with an independent part', () => {
  for (const { segments } of versions)
    for (const { parts } of segments) if (parts.length > 0) expect(parts[0]?.independent).toBe(true)
})

test('the parts of a segment add up to it', () => {
  for (const { parts, duration, uri } of last(versions).segments)
    if (uri && parts.length > 0)
      expect(parts.reduce((sum, part) => sum + part.duration, 0)).toBeCloseTo(duration, 2)
})

test('only segments within three target durations of the live edge list their parts', () => {
  for (const { segments, targetDuration } of versions) {
    let fromEnd = 0
    for (const { parts, duration } of [...segments].reverse()) {
      if (fromEnd > 3 * targetDuration) expect(parts).toEqual([])
      fromEnd += duration || parts.reduce((sum, part) => sum + part.duration, 0)
    }
  }
})

test('parts that left the playlist can be fetched for another three target durations', async () => {
  const first = versions[0]
  const gone = first?.segments.find(({ parts }) => parts.length > 0)
  const stillListed = (await channel.playlist('video', '')).playlist.segments.find(
    ({ msn }) => msn === gone?.msn,
  )
  expect(gone).toBeDefined()
  expect(stillListed?.parts ?? []).toEqual([])
  expect((await channel.media('video', gone?.parts[0]?.uri ?? '')).status).toBe(200)
})

test('media and discontinuity sequence numbers never decrease', () => {
  versions.forEach((version, i) => {
    const before = versions[i - 1] ?? version
    expect(version.mediaSequence).toBeGreaterThanOrEqual(before.mediaSequence)
    expect(version.discontinuitySequence).toBeGreaterThanOrEqual(before.discontinuitySequence)
  })
})

test('a live playlist is never shorter than three target durations', () => {
  for (const { segments, targetDuration } of versions)
    expect(segments.reduce((sum, { duration }) => sum + duration, 0)).toBeGreaterThanOrEqual(
      3 * targetDuration,
    )
})

test('an update only appends and removes from the front', () => {
  const identity = ({ uri, duration, programDateTime, map }: ReadSegment) =>
    JSON.stringify([uri, duration, programDateTime, map])
  const seen = new Map<number, string>()
  for (const { segments } of versions)
    for (const segment of segments.filter(({ uri }) => uri !== undefined)) {
      const known = seen.get(segment.msn)
      if (known) expect(identity(segment)).toBe(known)
      seen.set(segment.msn, identity(segment))
    }
})

test('the playlist ends with a hint for the next part, which is held and then sent whole', async () => {
  const { playlist, next } = await channel.fresh(await channel.uriOf('video'))
  expect(playlist.preloadHint).toBeDefined()
  const hinted = await channel.media('video', playlist.preloadHint ?? '')
  expect(hinted.status).toBe(200)
  const after = await channel.playlist('video', `_HLS_msn=${next.msn}&_HLS_part=${next.part}`)
  const listed = after.playlist.segments
    .flatMap(({ parts }) => parts)
    .find(({ uri }) => uri === playlist.preloadHint)
  expect(listed).toBeDefined()
  const again = await channel.media('video', playlist.preloadHint ?? '')
  expect(again.body.equals(hinted.body)).toBe(true)
})

test('a part that is neither known nor hinted is not found', async () => {
  const { playlist } = await channel.playlist('video', '')
  const unknown = (playlist.preloadHint ?? '').replace(/\.\d+\.m4s$/, '.77.m4s')
  expect((await channel.media('video', unknown)).status).toBe(404)
})

test('the first segment has PROGRAM-DATE-TIME, which follows the durations and is near the wall clock', () => {
  const { segments } = last(versions)
  expect(segments[0]?.programDateTime).toBeDefined()
  segments.forEach((segment, i) => {
    const before = segments[i - 1]
    if (segment.programDateTime && before?.programDateTime && before.uri)
      expect(
        Math.abs(segment.programDateTime - before.programDateTime - before.duration * 1000),
      ).toBeLessThan(3)
  })
  const newest = segments.findLast(({ programDateTime }) => programDateTime)?.programDateTime ?? 0
  expect(Math.abs(Date.now() - newest)).toBeLessThan(30_000)
})

test('a delta update leaves out only segments that the client has', async () => {
  const whole = await channel.playlist('video', '')
  const delta = await channel.playlist('video', '_HLS_skip=YES')
  expect(delta.playlist.version).toBeGreaterThanOrEqual(9)
  expect(delta.playlist.skipped).toBeGreaterThan(0)
  const kept = whole.playlist.segments.filter(
    ({ msn, uri }) => uri && msn >= delta.playlist.mediaSequence + delta.playlist.skipped,
  )
  for (const { msn, uri } of kept)
    expect(delta.playlist.segments.find((each) => each.msn === msn)?.uri).toBe(uri)
  const skippable = Number(delta.playlist.serverControl.get('CAN-SKIP-UNTIL'))
  const left = delta.playlist.segments.reduce(
    (sum, { duration, parts }) => sum + (duration || parts.reduce((s, p) => s + p.duration, 0)),
    0,
  )
  expect(left).toBeGreaterThanOrEqual(skippable - delta.playlist.targetDuration - 0.5)
})

test('_HLS_skip=v2 is a delta update too', async () => {
  expect((await channel.playlist('video', '_HLS_skip=v2')).playlist.skipped).toBeGreaterThan(0)
})
