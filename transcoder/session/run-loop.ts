import { setTimeout as delay } from 'node:timers/promises'
import { sessionTtlMs } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { FollowedSession } from './followed-session.ts'
import { createRetryPolicy } from './retry-policy.ts'
import type { SessionDependencies } from './session-dependencies.ts'
import type { Transcode } from './transcode.ts'
import type { RunEnd } from './transcode-run.ts'

export interface RunLoopOptions {
  transcode: Transcode
  followed: FollowedSession
  stopRequests: SessionDependencies['stopRequests']
  metrics: Pick<SessionDependencies['metrics'], 'failures' | 'skips'>
  stop: AbortSignal
  log: Log
}

/**
 * Maximum time until the record of a session whose media ended properly is removed, ms. If it is not, the
 * session is still live.
 */
const removalTimeoutMs = 2000
const removalPollMs = 50
/** Time between checks of a record that is missing, ms. */
const missingPollMs = 250

/** Transcodes a session, run after run, until it ends, fails too often, or `stop` aborts. */
export async function runUntilEnd(options: RunLoopOptions): Promise<'ended' | 'failed' | 'stopped'> {
  const { transcode, metrics, stop, log } = options
  const retries = createRetryPolicy()
  let from: Transcode['resumeMark'] = null
  for (;;) {
    const startedAt = performance.now()
    const end = await transcode.run(from)
    from = null
    if (stop.aborted) return 'stopped'
    retries.recordRun(performance.now() - startedAt)
    if (end.kind === 'late') {
      metrics.skips.inc()
      log.warn('transcoding is too late: it skips to the newest media')
      continue
    }
    if (end.kind === 'failed') {
      metrics.failures.inc()
      const { failures, isTooMany } = retries.recordFailure()
      log.warn({ detail: end.detail, failures }, 'ffmpeg failed')
      if (isTooMany) return giveUp(options, end.detail)
      from = transcode.resumeMark
    } else if (end.kind !== 'stopped') {
      if (await isSessionOver(options, end)) return 'ended'
      transcode.planAgain()
    }
    await delay(retries.nextDelayMs(), undefined, { signal: stop }).catch(() => {})
    if (stop.aborted) return 'stopped'
  }
}

/** Whether the session ended along with its media. */
async function isSessionOver({ followed, stop, log }: RunLoopOptions, end: RunEnd): Promise<boolean> {
  if (end.kind === 'source_ended' && (await isRemoved(followed, stop))) return true
  const detail = end.kind === 'source_lost' ? end.detail : 'it ended, but the session is live'
  log.warn({ detail }, 'the source was lost')
  return (await followed.check()) === 'missing' && (await staysMissing(followed, stop))
}

/** Whether the record of a session whose media ended properly is removed in time. */
async function isRemoved(followed: FollowedSession, stop: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + removalTimeoutMs
  while (!stop.aborted && performance.now() < deadline) {
    if ((await followed.check()) === 'missing') return true
    await delay(removalPollMs, undefined, { signal: stop }).catch(() => {})
  }
  return false
}

/** Whether a record that is missing stays so. It soon comes back if Redis had lost it. */
async function staysMissing(followed: FollowedSession, stop: AbortSignal): Promise<boolean> {
  while (!stop.aborted && followed.missingMs < sessionTtlMs / 2) {
    await delay(missingPollMs, undefined, { signal: stop }).catch(() => {})
    if ((await followed.check()) === 'present') return false
  }
  return !stop.aborted
}

async function giveUp({ followed, stopRequests, log }: RunLoopOptions, detail: string): Promise<'failed'> {
  const { sessionId } = followed.latest
  log.error({ detail }, 'ffmpeg failed too often: the session ends')
  await stopRequests
    .request({ sessionId, reason: 'transcode_failed', detail })
    .catch((error) => log.error({ err: error }, 'cannot ask the ingest to end the session'))
  return 'failed'
}
