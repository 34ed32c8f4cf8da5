import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startObjectStore } from '../kit/object-store.ts'
import type { ReadPlaylist } from '../kit/playlist.ts'
import { type TestSession, useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'
import type { TranscoderProcess } from '../kit/transcoder/transcoder-process.ts'
import { waitFor } from '../kit/wait-for.ts'

// Each test has a Redis and a data dir of its own, because they run concurrently: they wait for real time.
const fixtures = Array.from({ length: 4 }, useTranscoderFixture)
/** Short segments, so that they soon leave the window. */
const short = { NOWCAST_SEGMENT_MS: '1000' }
const renditions = ['360p', '240p', 'audio']

/** Returns the media of all listed segments, by URI. */
async function mediaOf(session: TestSession, { segments }: ReadPlaylist): Promise<Map<string, string>> {
  const uris = segments.flatMap(({ uri, gap }) => (uri && !gap ? [uri] : []))
  const media = await Promise.all(
    uris.map(async (uri) => [uri, await (await session.fetch(uri)).bytes()] as const),
  )
  return new Map(media.map(([uri, bytes]) => [uri, Buffer.from(bytes).toString('base64')]))
}

/** Returns the number of discontinuities up to each segment, by MSN. */
function discontinuitiesOf({ segments, discontinuitySequence }: ReadPlaylist): Map<number, number> {
  const upTo = (index: number) =>
    segments.slice(0, index + 1).filter(({ discontinuity }) => discontinuity).length
  return new Map(segments.map(({ msn }, index) => [msn, discontinuitySequence + upTo(index)]))
}

type Fixture = ReturnType<typeof useTranscoderFixture>

/** Runs a test with a fixture that no other test has. */
async function withFixture(run: (fixture: Fixture) => Promise<void>): Promise<void> {
  const fixture = fixtures.pop()
  if (fixture === undefined) throw new Error('there is no fixture for this test')
  await run(fixture)
}

const folderOf = (fixture: Fixture, session: TestSession) =>
  join(fixture.directory, 'segments', session.sessionId)

test.concurrent(
  'the successor of a killed transcoder lists its segments and serves the same bytes',
  () =>
    withFixture(async (fixture) => {
      await using first = await fixture.startTranscoder()
      await using session = await fixture.startSession({ gop: 30 })
      await session.originWhere('live', ({ state }) => state === 'live')
      // It is ready early, because the successor must list segments that are in the window now.
      await using _second = await fixture.startTranscoder()
      await session.originWhere('live with media', ({ nextMsn }) => nextMsn > 3)
      const files = () => readdirSync(folderOf(fixture, session))
      const before = new Map<string, ReadPlaylist>()
      const media = new Map<string, string>()
      for (const name of renditions) {
        const playlist = await session.playlist(name)
        before.set(name, playlist)
        for (const [uri, bytes] of await mediaOf(session, playlist)) media.set(uri, bytes)
      }
      await waitFor('the segments to be stored', () =>
        [...media.keys()].every((uri) => {
          const [epoch, rendition, file = ''] = uri.split('/')
          return files().includes(`${rendition}.${epoch}.${file}`)
        }),
      )
      const { epoch } = await session.originWhere('indexed', () =>
        files().some((name) => /^index\..*\.json$/.test(name)),
      )
      first.kill('SIGKILL')
      await first.exited
      await session.loseLock()
      await session.originWhere('live again', (origin) => origin.epoch > epoch && origin.state === 'live')
      for (const name of renditions) {
        const former = before.get(name)
        const playlist = await waitFor(`${name} of the successor`, () => session.playlist(name))
        if (former === undefined) throw new Error('no playlist')
        expect(playlist.mediaSequence).toBeGreaterThanOrEqual(former.mediaSequence)
        expect(playlist.discontinuitySequence).toBeGreaterThanOrEqual(former.discontinuitySequence)
        const known = discontinuitiesOf(former)
        for (const [msn, count] of discontinuitiesOf(playlist))
          expect([msn, known.get(msn) ?? count]).toEqual([msn, count])
        const listed = await mediaOf(session, playlist)
        const kept = [...listed.keys()].filter((uri) => media.has(uri))
        expect(kept.length).toBeGreaterThan(1)
        for (const uri of kept) expect(listed.get(uri), uri).toBe(media.get(uri))
        const dates = playlist.segments.map(({ programDateTime = 0 }) => programDateTime)
        expect(dates.toSorted((a, b) => a - b)).toEqual(dates)
        for (const { map } of playlist.segments) if (map) await session.fetch(map)
      }
    }),
  120_000,
)

test.concurrent(
  'segments leave the store with the window, and all of them when the session has ended',
  () =>
    withFixture(async (fixture) => {
      await using _transcoder = await fixture.startTranscoder(short)
      await using session = await fixture.startSession({ gop: 30, seconds: 40 })
      await session.originWhere('live', ({ nextMsn }) => nextMsn > 12, 30_000)
      const files = () => readdirSync(folderOf(fixture, session))
      const { mediaSequence } = await session.playlist('360p')
      await waitFor('the first segment to be removed', () => !files().includes('360p.1.0.m4s'))
      expect(mediaSequence).toBeGreaterThan(0)
      // A segment may leave while the files are read.
      const modes = files().flatMap((name) => {
        const found = statSync(join(folderOf(fixture, session), name), { throwIfNoEntry: false })
        return found ? [(found.mode & 0o777).toString(8)] : []
      })
      expect(new Set(modes)).toEqual(new Set(['600']))
      session.flv.finish()
      await session.flv.over
      await session.end()
      await waitFor(
        'the directory to be removed',
        () => !readdirSync(join(fixture.directory, 'segments')).includes(session.sessionId),
        { timeoutMs: 40_000 },
      )
    }),
  120_000,
)

/** Checks that a playlist is valid in itself, and that all media that it lists can be fetched. */
async function checkPlaylist(session: TestSession, name: string): Promise<ReadPlaylist> {
  const playlist = await session.playlist(name)
  const { segments, targetDuration } = playlist
  for (const { duration } of segments) expect(Math.round(duration)).toBeLessThanOrEqual(targetDuration)
  const uris = segments.flatMap(({ uri, gap, map, parts }) => [
    ...(gap ? [] : [map, uri].filter((each) => each !== undefined)),
    ...parts.map((part) => part.uri),
  ])
  const isMissing = (uri: string) =>
    session.fetch(uri).then(
      () => false,
      () => true,
    )
  const missing = (await Promise.all(uris.map(isMissing))).flatMap((is, index) =>
    is ? (uris[index] ?? []) : [],
  )
  if (missing.length > 0) {
    // What has left the playlist meanwhile need not be there any more.
    const { text } = await session.playlist(name)
    expect(missing.filter((uri) => text.includes(uri))).toEqual([])
  }
  return playlist
}

/** Returns the value of a metric without other labels than the role. */
async function metric(session: TestSession, name: string): Promise<number> {
  const { url = '' } = (await session.origin()) ?? {}
  const text = await (await fetch(`${url}/metrics`, { headers: { 'cache-control': 'no-cache' } })).text()
  return Number(new RegExp(`^${name}{role="transcoder"} (\\S+)$`, 'm').exec(text)?.[1])
}

const newest = async (session: TestSession) => (await session.playlist('360p')).segments.at(-1)?.msn ?? 0

/** Takes the store away and back under a live session, and then kills its transcoder. */
async function checkOutage(
  fixture: Fixture,
  settings: Record<string, string>,
  outage: { begin(transcoder: TranscoderProcess): void; end(transcoder: TranscoderProcess): void },
): Promise<void> {
  await using first = await fixture.startTranscoder(settings)
  await using session = await fixture.startSession({ gop: 30, seconds: 120 })
  await session.originWhere('live with media', ({ nextMsn }) => nextMsn > 2)
  expect(await metric(session, 'nowcast_segment_store_away')).toBe(0)

  outage.begin(first)
  await waitFor('the alert', async () => (await metric(session, 'nowcast_segment_store_away')) === 1, {
    timeoutMs: 30_000,
  })
  const before = await newest(session)
  await waitFor('live to continue', async () => (await newest(session)) > before + 2)
  for (const name of renditions) {
    const playlist = await checkPlaylist(session, name)
    expect(playlist.segments.some(({ gap }) => gap)).toBe(false)
  }
  expect(await metric(session, 'nowcast_segment_store_queued_bytes')).toBeGreaterThan(0)

  outage.end(first)
  await waitFor(
    'the end of the alert',
    async () => (await metric(session, 'nowcast_segment_store_away')) === 0,
  )
  await waitFor(
    'the queue to be empty',
    async () => (await metric(session, 'nowcast_segment_store_queued_bytes')) === 0,
  )
  const lines = (text: string) => first.lines.filter((line) => line.includes(text)).length
  expect([lines('the segment store is away'), lines('the segment store works again')]).toEqual([1, 1])

  const { epoch, nextMsn } = await session.originWhere('live', ({ state }) => state === 'live')
  await session.originWhere('further', (origin) => origin.nextMsn > nextMsn + 1)
  await using _second = await fixture.startTranscoder(settings)
  first.kill('SIGKILL')
  await first.exited
  await session.loseLock()
  await session.originWhere('live again', (origin) => origin.epoch > epoch && origin.state === 'live')
  for (const name of renditions) {
    await waitFor(`${name} of the successor`, () => session.playlist(name))
    const { segments } = await checkPlaylist(session, name)
    expect(segments.filter(({ uri, gap }) => !gap && uri?.startsWith(`${epoch}/`)).length).toBeGreaterThan(0)
  }
}

test.concurrent(
  'while the object store hangs live continues with an alert, and afterwards segments are stored',
  () =>
    withFixture(async (fixture) => {
      const objects = await startObjectStore()
      try {
        await checkOutage(fixture, objects.settings, { begin: objects.freeze, end: objects.thaw })
      } finally {
        await objects.stop()
      }
    }),
  180_000,
)

test.concurrent(
  'while the disk is full live continues with an alert, and afterwards segments are stored',
  () =>
    withFixture(async (fixture) => {
      const limit = (bytes: string) => (transcoder: TranscoderProcess) =>
        void execFileSync('prlimit', [`--fsize=${bytes}:unlimited`, '--pid', String(transcoder.pid)])
      await checkOutage(fixture, {}, { begin: limit('1000'), end: limit('unlimited') })
    }),
  180_000,
)
