import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTempDir } from '../kit/temp-dir.ts'
import { startTranscoder } from '../kit/transcoder-process.ts'
import { buildStand } from '../kit/transcoder-stand.ts'
import { waitFor } from '../kit/wait-for.ts'

let stand: Awaited<ReturnType<typeof buildStand>>
const directory = makeTempDir()
beforeAll(async () => {
  stand = await buildStand()
})
afterAll(async () => {
  await stand.close()
  directory.remove()
})

/** A program in ffmpeg's place. */
function script(name: string, body: string): string {
  const path = join(directory.path, name)
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

test('an ffmpeg that fails again and again ends the session, and its last words are the reason', async () => {
  const broken = script(
    'broken',
    '[ "$2" = -version ] && exec ffmpeg -version\necho "[fatal] No such encoder: libx264" >&2\nexit 1',
  )
  const transcoder = await stand.transcoder({ NOWCAST_FFMPEG: broken })
  await using show = await stand.show()
  const request = await waitFor('the request to end the session', () => show.stopRequest(), {
    timeoutMs: 20_000,
  })
  expect(request).toEqual({
    sessionId: show.sessionId,
    reason: 'transcode_failed',
    detail: 'ffmpeg ended with status 1: No such encoder: libx264',
  })
  await show.originWhere('ended', ({ state }) => state === 'ended')
  await waitFor('the job to be over', async () => (await show.jobState()) === 'completed')
  expect(transcoder.lines.filter((line) => line.includes('"msg":"ffmpeg failed"'))).toHaveLength(5)
  expect(transcoder.lines.some((line) => line.includes('a-secret-of-tests-only'))).toBe(false)
})

test.each([
  [
    'too old',
    script('old', 'echo "ffmpeg version 4.2.7-0ubuntu0.1 Copyright"'),
    /is version 4\.2; 4\.4 or newer is needed$/,
  ],
  [
    'missing',
    '/nowhere/ffmpeg',
    /\/nowhere\/ffmpeg was not found; install ffmpeg 4\.4 or newer or set NOWCAST_FFMPEG$/,
  ],
])('ffmpeg is %s: one line, exit 1', async (_, path, message) => {
  const transcoder = startTranscoder(stand.redis.url, directory.path, { NOWCAST_FFMPEG: path })
  expect(await transcoder.exited).toEqual({ code: 1, signal: null })
  expect(transcoder.lines).toHaveLength(1)
  expect(JSON.parse(transcoder.lines[0] ?? '')).toMatchObject({
    level: 'fatal',
    msg: expect.stringMatching(message),
  })
})
