import type { DisableReason } from '../../core/api/webhook.ts'
import type { Log } from '../../core/process/log.ts'
import { type KeySeal, SealBroken } from '../channels/key-seal.ts'
import { eventView } from '../events/event-view.ts'
import type { StoredEvent } from '../store/events.ts'
import type { DeliveryStore, Lane, Lease, Verdict } from './delivery-store.ts'
import type { Post, PostOutcome } from './http-post.ts'
import { disableAfterMs, retryAfterMs, retryDelay } from './retry-schedule.ts'
import { signedHeaders } from './signature.ts'
import type { DeliveryTry } from './stored-delivery.ts'
import type { StoredWebhook, WebhookStore } from './webhook-store.ts'

export interface DeliveryDependencies {
  deliveries: Pick<DeliveryStore, 'lease' | 'renew' | 'release' | 'settle'>
  webhooks: Pick<WebhookStore, 'noteFailure' | 'noteSuccess' | 'pause' | 'disable'>
  seal: Pick<KeySeal, 'open'>
  post: Post
  /** Called after each attempt. */
  onAttempt(isDelivered: boolean): void
  log: Log
  /** Time, ms since the epoch. */
  now?: () => number
  random?: () => number
}

/**
 * Time for which a lane is leased, and time after which the lease is renewed during an attempt, ms. When a
 * process dies, another one attempts its delivery after at most `leaseMs`.
 */
const [leaseMs, renewMs] = [5000, 2000]
/** Maximum number of deliveries of a lane in one run, after which other lanes have their turn. */
const maxInRun = 50

export type Deliver = (lane: Lane, signal: AbortSignal) => Promise<void>

/**
 * Returns a function that delivers the events of a lane in order, until one fails or there are no more. Does
 * nothing when another process does so, or when the lane is not due. When `signal` aborts, the attempt in
 * progress does not count.
 */
export function createDeliver(dependencies: DeliveryDependencies): Deliver {
  const { deliveries, webhooks, seal, post, onAttempt, log } = dependencies
  const { now = Date.now, random = Math.random } = dependencies

  /** Decides about a failed attempt. The webhook may be disabled as well, and its delivery then waits. */
  async function afterFailure({ webhook, attempts }: Lease, outcome: PostOutcome): Promise<Verdict> {
    const failingSince = await webhooks.noteFailure(webhook.id, now())
    const reason = disableReason(outcome, now() - failingSince)
    if (reason !== undefined) {
      if (await webhooks.disable(webhook.id, reason, now()))
        log.warn({ webhookId: webhook.id, reason }, 'webhook disabled')
      return { state: 'retry', nextAt: now(), attempts: 0 }
    }
    const failures = attempts + 1
    const delay = retryDelay(failures, random)
    if (delay === undefined) return { state: 'failed' }
    const asked = outcome.status === 429 || outcome.status === 503 ? outcome.retryAfter : undefined
    const pause = retryAfterMs(asked, now()) ?? 0
    if (pause > 0) await webhooks.pause(webhook.id, now() + pause)
    return { state: 'retry', nextAt: now() + Math.max(delay, pause), attempts: failures }
  }

  /** Renews a lease while `work` lasts. */
  async function holding<T>(lease: Lease, work: Promise<T>): Promise<T> {
    let renewal = Promise.resolve()
    const timer = setInterval(() => {
      renewal = renewal.then(() => deliveries.renew(lease, now() + leaseMs)).catch(() => {})
    }, renewMs)
    try {
      return await work
    } finally {
      clearInterval(timer)
      // The lease must not change while the outcome is written.
      await renewal
    }
  }

  /** Attempts the delivery of a lease. Returns whether the lane has another one that is due. */
  async function attempt(lease: Lease, event: StoredEvent, signal: AbortSignal): Promise<boolean> {
    const { webhook } = lease
    const body = JSON.stringify(eventView(event))
    const secrets = secretsOf(webhook, seal, now())
    const at = now()
    const startedAt = performance.now()
    const outcome =
      secrets === undefined
        ? { status: null, error: 'secret_unreadable', retryAfter: undefined }
        : await holding(lease, post(webhook.url, body, signedHeaders(event.id, at, body, secrets), signal))
    if (signal.aborted) {
      await deliveries.release(lease)
      return false
    }
    const { status, error } = outcome
    const isDelivered = status !== null && status >= 200 && status < 300
    const tried: DeliveryTry = { at, status, ms: Math.round(performance.now() - startedAt), error }
    onAttempt(isDelivered)
    if (isDelivered && webhook.failingSince !== null) await webhooks.noteSuccess(webhook.id)
    const verdict: Verdict = isDelivered ? { state: 'delivered' } : await afterFailure(lease, outcome)
    if (!isDelivered)
      log.debug(
        { webhookId: webhook.id, eventId: event.id, status, error, verdict: verdict.state },
        'webhook delivery failed',
      )
    return deliveries.settle(lease, tried, verdict, now())
  }

  return async (lane, signal) => {
    for (let count = 0; count < maxInRun && !signal.aborted; count += 1) {
      const at = now()
      const lease = await deliveries.lease(lane, at, at + leaseMs)
      if (lease === undefined) return
      const { event } = lease
      // An event that is no longer in the log cannot be delivered any more.
      const isNextDue = event
        ? await attempt(lease, event, signal)
        : await deliveries.settle(lease, undefined, { state: 'failed' }, now())
      if (!isNextDue) return
    }
  }
}

function disableReason({ status }: PostOutcome, failingForMs: number): DisableReason | undefined {
  if (status === 410) return 'gone'
  return failingForMs >= disableAfterMs ? 'failing' : undefined
}

/** Returns the secrets that sign; undefined when they were sealed with another cluster secret. */
function secretsOf(
  { id, secretSealed, previousSealed, previousUntil }: StoredWebhook,
  seal: Pick<KeySeal, 'open'>,
  now: number,
): string[] | undefined {
  const previous = previousSealed !== null && previousUntil > now ? [previousSealed] : []
  try {
    return [secretSealed, ...previous].map((sealed) => seal.open(sealed, id))
  } catch (error) {
    if (error instanceof SealBroken) return undefined
    throw error
  }
}
