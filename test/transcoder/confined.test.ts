import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isAlive } from '../kit/process-table.ts'
import { useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'
import { waitFor } from '../kit/wait-for.ts'

const fixture = useTranscoderFixture()

/** Settings that are secrets, as an operator may set them for all roles. */
const secrets = {
  NOWCAST_ADMIN_TOKEN: 'the-token-of-the-operator-of-this-test',
  DATABASE_URL: 'postgres://nowcast:the-password-of-postgres@127.0.0.1/nowcast',
  NOWCAST_S3_ACCESS_KEY_ID: 'the-key-id-of-this-test',
  NOWCAST_S3_SECRET_ACCESS_KEY: 'the-secret-of-the-object-store-of-this-test',
}

test('ffmpeg has no secret, has limits, and ends with its transcoder even while it is suspended', async () => {
  const transcoder = await fixture.startTranscoder(secrets)
  await using session = await fixture.startSession({ gop: 30 })
  await session.originWhere('live', ({ state }) => state === 'live')
  const [ffmpeg] = transcoder.ffmpegs()
  const read = (name: string) => readFileSync(`/proc/${ffmpeg?.pid}/${name}`, 'utf8')
  expect(ffmpeg?.command).toMatch(/^\S*ffmpeg -hide_banner /)
  const names = read('environ')
    .split('\0')
    .map((entry) => entry.split('=')[0])
  expect(names.filter((name) => !['PATH', 'LANG', 'MALLOC_ARENA_MAX', ''].includes(name ?? ''))).toEqual([])
  expect(read('limits')).toMatch(/Max address space +8589934592 /)
  expect(read('limits')).not.toMatch(/Max cpu time +unlimited/)
  expect(read('status')).toMatch(/NoNewPrivs:\s1\nSeccomp:\s2/)

  process.kill(ffmpeg?.pid ?? 0, 'SIGSTOP')
  transcoder.kill('SIGKILL')
  await waitFor('the end of ffmpeg', () => !isAlive(ffmpeg?.pid ?? 0))
})
