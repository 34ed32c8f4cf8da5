import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import type { PullEnd } from '../source/pull.ts'
import type { FollowedSession } from './followed-session.ts'
import { followSource } from './source-loop.ts'

const followed = {
  latest: { ingest: { flvUrl: 'http://ingest/flv/s_1', localSocket: undefined } },
  missingMs: 0,
  check: async () => 'missing',
  close() {},
} as unknown as FollowedSession
const log = createLog('test', 'silent')

test('a stop ends the pull, and a session that is over leaves nothing on the signal of the process', async () => {
  const closing = new AbortController()
  const pull = Promise.withResolvers<PullEnd>()
  const feed = (end: Promise<PullEnd>) => ({
    newestMs: undefined,
    run: () => end,
    stop: () => pull.resolve({ kind: 'stopped' }),
  })
  const over = feed(Promise.resolve<PullEnd>({ kind: 'ended' }))
  expect(await followSource({ feed: over, followed, stop: closing.signal, log })).toBe('ended')
  expect(getEventListeners(closing.signal, 'abort')).toEqual([])

  const stopped = followSource({ feed: feed(pull.promise), followed, stop: closing.signal, log })
  closing.abort()
  expect(await stopped).toBe('stopped')
  expect(getEventListeners(closing.signal, 'abort')).toEqual([])
})
