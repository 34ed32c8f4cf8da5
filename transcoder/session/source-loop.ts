import { setTimeout as delay } from 'node:timers/promises'
import { sessionTtlMs } from '../../core/contracts/live-registry.ts'
import { createBackoff } from '../../core/mechanisms/backoff.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import type { Log } from '../../core/process/log.ts'
import { createFailureBudget } from '../encoder/retry-policy.ts'
import type { PullEnd } from '../source/pull.ts'
import type { SourceFeed } from '../source/source-feed.ts'
import type { FollowedSession } from './followed-session.ts'
import type { SessionKeeper } from './session-keeper.ts'

export interface SourceLoopOptions {
  feed: Pick<SourceFeed, 'run' | 'stop' | 'newestMs' | 'quietMs' | 'drop'>
  followed: FollowedSession
  keeper: SessionKeeper
  /** Session time at which the media of another transcoder ends, which this one continues, ms. */
  fromMs: number | undefined
  stop: AbortSignal
  /** Called when the publisher is gone. The next media is that of another publish. */
  onInterrupted(): void
  /** Called when the media of the source could not be read again and again. */
  onUnreadable(detail: string): void
  /** Called when the session begins to wait for its publisher, and when the publisher has returned. */
  onWaiting(isWaiting: boolean): void
  log: Log
}

/**
 * Maximum time from a proper end of the media to the change of the session's record, ms. When the record is
 * unchanged after it, the session is live and the source is pulled again.
 */
const changeTimeoutMs = 2000
const changePollMs = 50
/** Interval at which a missing record is read again, ms. */
const missingPollMs = 250
/**
 * Time without a byte from the ingest after which the record is read more often, because another ingest may
 * continue the session, and interval of these reads; both ms.
 */
const [quietAfterMs, quietPollMs] = [400, 100]
/** First and maximum delay before another pull, ms. */
const [firstDelayMs, maxDelayMs] = [100, 1000]
/** Length of a pull after which delays start from `firstDelayMs` again, ms. */
const steadyPullMs = 6000

/**
 * Maximum number of pulls with unreadable media within `unreadableMs`. After one more the source is given up,
 * because the next pulls would end in the same way.
 */
const [maxUnreadable, unreadableMs] = [2, 60_000]

/**
 * What the record says after a pull. `over`: the session has ended. `waiting`: it waits for its publisher.
 * `next`: another publish can be pulled. `live`: the same publish can be pulled again.
 */
type Situation = 'over' | 'waiting' | 'next' | 'live'

/** Pulls the source of a session, again after each loss, until the session is over or `stop` aborts. */
export async function followSource(options: SourceLoopOptions): Promise<'ended' | 'stopped'> {
  const { feed, stop } = options
  const onStop = () => feed.stop()
  stop.addEventListener('abort', onStop)
  try {
    return await pullUntilOver(options)
  } finally {
    // Otherwise the signal of the process would keep the listener, and with it the session's media, alive.
    stop.removeEventListener('abort', onStop)
  }
}

async function pullUntilOver(options: SourceLoopOptions): Promise<'ended' | 'stopped'> {
  const { followed, stop, onInterrupted, onUnreadable } = options
  const unreadable = createFailureBudget(maxUnreadable, unreadableMs)
  const backoff = createBackoff({ firstMs: firstDelayMs, maxMs: maxDelayMs })
  let publish = followed.publish
  while (!stop.aborted) {
    if (followed.publish !== publish) onInterrupted()
    publish = followed.publish
    const startedAt = performance.now()
    const end = await pull(options, publish)
    if (stop.aborted) break
    if (end.kind === 'unreadable' && !unreadable.spend(performance.now())) {
      onUnreadable(`the media of the source is unreadable: ${end.detail}`)
      break
    }
    const situation = await situationAfter(options, end, publish)
    if (situation === 'waiting') onInterrupted()
    if (situation === 'over' || (situation === 'waiting' && (await isOverWaiting(options)))) return 'ended'
    if (situation === 'waiting' || performance.now() - startedAt > steadyPullMs) backoff.reset()
    if (situation === 'live') await pause(options, backoff.next(), publish)
  }
  return 'stopped'
}

async function pull(options: SourceLoopOptions, publish: number): Promise<PullEnd> {
  const { feed, followed, fromMs } = options
  // A transcoder may take over a session that waits for its publisher.
  if (followed.isWaiting) return { kind: 'interrupted' }
  const { ingest, newestMs } = followed.latest
  const { flvUrl: url, localSocket } = ingest
  let isOver = false
  const nearMs = feed.newestMs ?? newestMs ?? 0
  const end = feed.run({ url, localSocket, nearMs, fromMs: feed.newestMs ?? fromMs })
  const look = async () => {
    if (feed.quietMs > quietAfterMs && (await isElsewhere(options, publish)) && !isOver)
      feed.drop('the session has another publish, or waits for one')
  }
  const looks = createPoll(look, { everyMs: quietPollMs })
  return end.finally(() => {
    isOver = true
    void looks.close()
  })
}

/**
 * Reads the record while nothing comes from the ingest. Returns whether the session has another publish or
 * waits for one, perhaps because this call has found that its ingest is gone.
 */
async function isElsewhere({ feed, followed, keeper }: SourceLoopOptions, publish: number): Promise<boolean> {
  const isChanged = () => followed.isWaiting || followed.publish !== publish
  if ((await followed.check()) === 'present' && !isChanged() && (await keeper.tend(feed.newestMs)))
    await followed.check()
  return isChanged()
}

/** Waits before the same publish is pulled again. Ends early when there is another one. */
async function pause(options: SourceLoopOptions, ms: number, publish: number): Promise<void> {
  const { stop } = options
  const until = performance.now() + ms
  while (!stop.aborted && performance.now() < until) {
    const stepMs = Math.min(quietPollMs, until - performance.now())
    await delay(stepMs, undefined, { signal: stop }).catch(() => {})
    if (await isElsewhere(options, publish)) return
  }
}

/** Decides how the session continues after a pull of a publish has ended. */
async function situationAfter(options: SourceLoopOptions, end: PullEnd, publish: number): Promise<Situation> {
  const { followed, stop, log } = options
  const hasDetail = end.kind === 'lost' || end.kind === 'unreadable'
  const deadline = performance.now() + (hasDetail ? 0 : changeTimeoutMs)
  do {
    const presence = await followed.check()
    if (presence === 'missing' && end.kind === 'ended') return 'over'
    if (followed.isWaiting) return 'waiting'
    if (followed.publish !== publish) return 'next'
    if (!hasDetail) await delay(changePollMs, undefined, { signal: stop }).catch(() => {})
  } while (!stop.aborted && performance.now() < deadline)
  const detail = hasDetail ? end.detail : `it ${end.kind}, but the session is live`
  log.warn({ detail }, 'the source was lost')
  return (await followed.check()) === 'missing' && (await staysMissing(followed, stop)) ? 'over' : 'live'
}

/** Waits until the publisher of the session is back, or the session is over. Returns whether it is over. */
async function isOverWaiting(options: SourceLoopOptions): Promise<boolean> {
  const { feed, followed, keeper, stop, onWaiting } = options
  onWaiting(true)
  while (!stop.aborted && followed.isWaiting) {
    await delay(changePollMs, undefined, { signal: stop }).catch(() => {})
    const presence = await followed.check()
    if (await keeper.endIfOver()) return true
    if (presence === 'present') await keeper.tend(feed.newestMs)
    if (presence !== 'missing') continue
    if (Date.now() >= followed.endsAt || (await staysMissing(followed, stop))) return true
  }
  onWaiting(false)
  return false
}

/**
 * Whether a missing record stays missing for half of `sessionTtlMs`. If Redis has lost its data, the ingest
 * writes the record again sooner than that.
 */
async function staysMissing(followed: FollowedSession, stop: AbortSignal): Promise<boolean> {
  while (!stop.aborted && followed.missingMs < sessionTtlMs / 2) {
    await delay(missingPollMs, undefined, { signal: stop }).catch(() => {})
    if ((await followed.check()) === 'present') return false
  }
  return !stop.aborted
}
