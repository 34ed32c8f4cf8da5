import { expect, test } from 'vitest'
import { useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'
import { waitFor } from '../kit/wait-for.ts'

const fixture = useTranscoderFixture()

test('an ffmpeg that fails repeatedly ends the session, and its last words are the reason', async () => {
  const broken = fixture.writeScript(
    'broken',
    '[ "$2" = -version ] && exec ffmpeg -version\necho "[fatal] No such encoder: libx264" >&2\nexit 1',
  )
  await using transcoder = await fixture.startTranscoder({ NOWCAST_FFMPEG: broken })
  // The GOP is too long to be passed through, so there is no video without ffmpeg.
  await using session = await fixture.startSession({ gop: 250, expectedGopMs: 8333 })
  const request = await waitFor('the request to end the session', () => session.stopRequest(), {
    timeoutMs: 20_000,
  })
  expect(request).toEqual({
    sessionId: session.sessionId,
    reason: 'transcode_failed',
    detail: 'ffmpeg ended with status 1: No such encoder: libx264',
  })
  await session.originWhere('ended', ({ state }) => state === 'ended')
  await waitFor('the end of the job', async () => (await session.jobState()) === 'completed')
  expect(transcoder.lines.filter((line) => line.includes('"msg":"ffmpeg failed"'))).toHaveLength(5)
  expect(transcoder.lines.some((line) => line.includes('a-cluster-secret-of-transcoder-tests'))).toBe(false)
})

test('without its rungs a session continues with what is passed through', async () => {
  const broken = fixture.writeScript('broken-rungs', '[ "$2" = -version ] && exec ffmpeg -version\nexit 1')
  await using transcoder = await fixture.startTranscoder({ NOWCAST_FFMPEG: broken })
  await using session = await fixture.startSession({ gop: 30 })
  await waitFor(
    'more failures than a session survives otherwise',
    () => transcoder.lines.filter((line) => line.includes('"msg":"ffmpeg failed"')).length > 6,
    { timeoutMs: 20_000 },
  )
  const { renditions } = await session.originWhere(
    'live',
    ({ state, nextMsn }) => state === 'live' && nextMsn > 2,
  )
  expect(renditions.map(({ name, codecs }) => `${name} ${codecs !== null}`)).toEqual([
    '360p true',
    '240p false',
    'audio true',
  ])
  const { segments } = await session.playlist('360p')
  expect(segments.some(({ discontinuity, gap }) => discontinuity || gap)).toBe(false)
  expect(await session.stopRequest()).toBeUndefined()
})

test.each([
  [
    'too old',
    fixture.writeScript('old', 'echo "ffmpeg version 4.2.7-0ubuntu0.1 Copyright"'),
    /is version 4\.2; 4\.4 or newer is needed$/,
  ],
  [
    'missing',
    '/nowhere/ffmpeg',
    /\/nowhere\/ffmpeg was not found; install ffmpeg 4\.4 or newer or set NOWCAST_FFMPEG$/,
  ],
])('ffmpeg is %s: one line, exit 1', async (_, path, message) => {
  const transcoder = fixture.spawnTranscoder({ NOWCAST_FFMPEG: path })
  expect(await transcoder.exited).toEqual({ code: 1, signal: null })
  expect(transcoder.lines).toHaveLength(1)
  expect(JSON.parse(transcoder.lines[0] ?? '')).toMatchObject({
    level: 'fatal',
    msg: expect.stringMatching(message),
  })
})
