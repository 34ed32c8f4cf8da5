import { createLog } from '../../../core/process/log.ts'
import { createKeySeal } from '../../../manager/channels/key-seal.ts'
import { openStore } from '../../../manager/store/store.ts'
import { createDeliver } from '../../../manager/webhooks/delivery.ts'
import { createDeliveryLog } from '../../../manager/webhooks/delivery-log.ts'
import { createDeliveryStore } from '../../../manager/webhooks/delivery-store.ts'
import type { Post, PostOutcome } from '../../../manager/webhooks/http-post.ts'
import { newWebhookSecret } from '../../../manager/webhooks/signature.ts'
import { createWebhookStore, type WebhookTraits } from '../../../manager/webhooks/webhook-store.ts'
import { makeTempDir } from '../temp-dir.ts'

/** One attempt as an endpoint saw it. */
export interface Attempt {
  url: string
  /** Time of the attempt, ms since the stage was opened. */
  at: number
  eventId: string
  /** `slug number`, as in `record`. */
  name: string
  headers: Record<string, string>
  body: string
}

/** Returns the outcome of a response. */
export const responded = (status: number, retryAfter?: string): PostOutcome => ({
  status,
  error: null,
  retryAfter,
})

export type WebhookStage = Awaited<ReturnType<typeof openWebhookStage>>

/**
 * Opens a database on disk and what delivers its events, with a clock that `advance` moves. `respond` answers
 * each attempt, by default with 204.
 */
export async function openWebhookStage() {
  const directory = makeTempDir()
  const log = createLog('test', 'silent')
  const store = await openStore({ databaseUrl: undefined, dataDir: directory.path }, log)
  const { database, write, events } = store
  const webhooks = createWebhookStore(database, write)
  const deliveries = createDeliveryStore(database)
  const seal = createKeySeal('a-cluster-secret-of-the-webhook-tests', 'nowcast webhook secrets')
  const clock = { offset: 0, openedAt: Date.now() }
  const now = () => Date.now() + clock.offset
  const attempts: Attempt[] = []
  const endpoint = { respond: (_: Attempt): PostOutcome | Promise<PostOutcome> => responded(204) }
  const secrets = new Map<string, string>()

  const post: Post = async (url, body, headers) => {
    const { id: eventId, channel, sequence } = JSON.parse(body)
    const at = now() - clock.openedAt
    const attempt = { url, at, eventId, name: `${channel} ${sequence}`, headers, body }
    attempts.push(attempt)
    return endpoint.respond(attempt)
  }
  const newDeliver = () =>
    createDeliver({ deliveries, webhooks, seal, post, onAttempt() {}, log, now, random: () => 0.5 })
  const deliver = newDeliver()
  const signal = new AbortController().signal

  /** Delivers until nothing is due. */
  async function settle() {
    for (let lanes = await deliveries.due(now(), 4); lanes.length > 0; lanes = await deliveries.due(now(), 4))
      await Promise.all(lanes.map((lane) => deliver(lane, signal)))
  }

  return {
    store,
    webhooks,
    deliveries,
    deliveryLog: createDeliveryLog(database, write),
    attempts,
    endpoint,
    now,
    newDeliver,
    settle,
    /** Returns the names of the events of all attempts, in order. */
    names: () => attempts.map(({ name }) => name),
    async addWebhook(id: string, traits: Partial<WebhookTraits> = {}) {
      const secret = newWebhookSecret()
      secrets.set(id, secret)
      const sealed = { secretSealed: seal.seal(secret, id), previousSealed: null, previousUntil: 0 }
      const state = { disabledReason: null, failingSince: null, createdAt: now(), updatedAt: now() }
      const fields = { url: `https://${id}.example/`, types: null, channels: null, enabled: true }
      await webhooks.add({ id, ...fields, ...traits, ...sealed, ...state }, 10)
      return secret
    },
    seal,
    /** Writes an event of a channel; their sequence begins with 1. */
    record: (slug: string) =>
      events.record({ type: 'channel.updated', at: now(), channel: { id: `c_${slug}`, slug }, data: {} }),
    /** Moves the clock by `ms`, in steps of `stepMs`, and delivers at each step what is due. */
    async advance(ms: number, stepMs = ms) {
      for (let moved = 0; moved < ms; moved += stepMs) {
        clock.offset += stepMs
        await settle()
      }
    },
    async close() {
      await store.close()
      directory.remove()
    },
  }
}
