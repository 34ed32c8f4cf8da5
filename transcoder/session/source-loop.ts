import { setTimeout as delay } from 'node:timers/promises'
import { sessionTtlMs } from '../../core/contracts/live-registry.ts'
import { createBackoff } from '../../core/mechanisms/backoff.ts'
import type { Log } from '../../core/process/log.ts'
import type { PullEnd } from '../source/pull.ts'
import type { SourceFeed } from '../source/source-feed.ts'
import type { FollowedSession } from './followed-session.ts'

export interface SourceLoopOptions {
  feed: Pick<SourceFeed, 'run' | 'stop' | 'newestMs'>
  followed: FollowedSession
  stop: AbortSignal
  log: Log
}

/**
 * Maximum time from a proper end of the media to the removal of the session's record, ms. When the record is
 * still there after it, the session is live and the source is pulled again.
 */
const removalTimeoutMs = 2000
const removalPollMs = 50
/** Interval of the check of a missing record, ms. */
const missingPollMs = 250
/** First and maximum delay before another pull, ms. */
const [firstDelayMs, maxDelayMs] = [100, 1000]
/** Length of a pull after which delays start from `firstDelayMs` again, ms. */
const steadyPullMs = 6000

/** Pulls the source of a session, again after each loss, until the session is over or `stop` aborts. */
export async function followSource(options: SourceLoopOptions): Promise<'ended' | 'stopped'> {
  const { feed, stop } = options
  const onStop = () => feed.stop()
  stop.addEventListener('abort', onStop)
  try {
    return await pullUntilOver(options)
  } finally {
    // Otherwise a signal that outlives the session would keep the media of its playlists in memory.
    stop.removeEventListener('abort', onStop)
  }
}

async function pullUntilOver(options: SourceLoopOptions): Promise<'ended' | 'stopped'> {
  const { feed, followed, stop } = options
  const backoff = createBackoff({ firstMs: firstDelayMs, maxMs: maxDelayMs })
  while (!stop.aborted) {
    const startedAt = performance.now()
    const { ingest, newestMs } = followed.latest
    const { flvUrl: url, localSocket } = ingest
    const end = await feed.run({ url, localSocket, nearMs: feed.newestMs ?? newestMs ?? 0 })
    if (stop.aborted) break
    if (await isSessionOver(options, end)) return 'ended'
    if (performance.now() - startedAt > steadyPullMs) backoff.reset()
    await delay(backoff.next(), undefined, { signal: stop }).catch(() => {})
  }
  return 'stopped'
}

/** Whether the session is over after a pull that ended: its record is removed, or stays missing. */
async function isSessionOver({ followed, stop, log }: SourceLoopOptions, end: PullEnd): Promise<boolean> {
  if (end.kind === 'ended' && (await isRemoved(followed, stop))) return true
  const detail = end.kind === 'lost' ? end.detail : 'it ended, but the session is live'
  log.warn({ detail }, 'the source was lost')
  return (await followed.check()) === 'missing' && (await staysMissing(followed, stop))
}

/** Whether the record of the session is removed within `removalTimeoutMs`. */
async function isRemoved(followed: FollowedSession, stop: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + removalTimeoutMs
  while (!stop.aborted && performance.now() < deadline) {
    if ((await followed.check()) === 'missing') return true
    await delay(removalPollMs, undefined, { signal: stop }).catch(() => {})
  }
  return false
}

/**
 * Whether a missing record stays missing for half of `sessionTtlMs`. If Redis lost its data, the ingest
 * writes the record again before.
 */
async function staysMissing(followed: FollowedSession, stop: AbortSignal): Promise<boolean> {
  while (!stop.aborted && followed.missingMs < sessionTtlMs / 2) {
    await delay(missingPollMs, undefined, { signal: stop }).catch(() => {})
    if ((await followed.check()) === 'present') return false
  }
  return !stop.aborted
}
