import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSource } from '../kit/packager/source.ts'
import { sourceOf, useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'
import { waitFor } from '../kit/wait-for.ts'

const fixture = useTranscoderFixture()

/** File whose presence makes new runs of ffmpeg fast. ffmpeg may not write files, so the test creates it. */
const isFast = join(fixture.directory, 'fast')
/**
 * Script that runs in place of ffmpeg. Until `isFast` exists, it reads media at a fifth of real time, however
 * fast the machine is. Later runs have no limit.
 */
const slowAtFirst = fixture.writeScript(
  'slow-at-first',
  `[ "$2" = -version ] && exec ffmpeg -version
[ -e '${isFast}' ] || exec ffmpeg -readrate 0.2 "$@"
exec ffmpeg "$@"`,
)

test('a transcode that falls far behind skips to the newest media, and its lag is reported', async () => {
  await using transcoder = await fixture.startTranscoder({ NOWCAST_FFMPEG: slowAtFirst })
  // The file is encoded before the session, so that a busy machine cannot slow the source down.
  const file = makeSource(fixture.directory, 'source', { seconds: 60, gop: 30 })
  await using session = await fixture.startSession({
    args: ['-re', '-i', file, '-c', 'copy'],
    source: sourceOf('320x180'),
    // GOPs of this length cannot be passed through, so all video is encoded.
    expectedGopMs: 8000,
  })
  await session.originWhere('live', ({ state }) => state === 'live')
  // Media that waits in buffers between ingest and transcoder also counts as late.
  await session.originWhere('late', ({ health }) => health.overloaded && health.behindMs > 3000)
  writeFileSync(isFast, '')
  await waitFor(
    'media to be skipped',
    () => transcoder.lines.some((line) => line.includes('skips to the newest media')),
    { timeoutMs: 30_000 },
  )
  await session.originWhere('near its source again', ({ health }) => health.behindMs < 1500)
  expect((await session.playlist('180p')).segments.some(({ gap }) => gap)).toBe(true)
})

test('a slow transcode delays neither the video that is passed through nor the sound', async () => {
  const slow = fixture.writeScript(
    'slow',
    '[ "$2" = -version ] && exec ffmpeg -version\nexec ffmpeg -readrate 0.2 "$@"',
  )
  await using _transcoder = await fixture.startTranscoder({ NOWCAST_FFMPEG: slow })
  const file = makeSource(fixture.directory, 'passed', { seconds: 60, gop: 30, size: '480x270' })
  await using session = await fixture.startSession({
    args: ['-re', '-i', file, '-c', 'copy'],
    source: sourceOf('480x270'),
  })
  await session.originWhere('late', ({ health, nextMsn }) => health.behindMs > 3000 && nextMsn > 3, 30_000)
  for (const name of ['270p', 'audio']) {
    const { segments } = await session.playlist(name)
    expect(segments.length).toBeGreaterThanOrEqual(2)
    expect(segments.some(({ discontinuity, gap }) => discontinuity || gap)).toBe(false)
    const ends = segments.map(
      ({ programDateTime = 0, duration, parts }) =>
        programDateTime + 1000 * (duration || parts.reduce((sum, part) => sum + part.duration, 0)),
    )
    expect(Date.now() - Math.max(...ends)).toBeLessThan(1500)
  }
})
