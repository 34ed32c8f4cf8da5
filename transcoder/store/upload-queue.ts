import { createBackoff } from '../../core/mechanisms/backoff.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { type SegmentStore, StoreError } from './segment-store.ts'
import { createStoreHealth } from './store-health.ts'
import { createUploadLists, type Upload } from './upload-lists.ts'

export interface UploadQueueOptions {
  store: Pick<SegmentStore, 'put' | 'kind'>
  metrics: { stored(bytes: number): void; dropped(): void; failed(): void }
  log: Log
  /** Limits; tests replace them. */
  limits?: Partial<typeof defaultLimits>
}

const defaultLimits = {
  /** Maximum number and size of the objects that wait. The oldest segments are dropped first. */
  maxUploads: 2048,
  maxBytes: 256 * 1024 * 1024,
  /** Maximum number of uploads at a time. While the store fails there is one at a time. */
  maxRunning: { disk: 2, s3: 6 },
  /** Time limit of an upload, ms. */
  attemptMs: 5000,
  /** First and maximum time between attempts while the store fails, ms. */
  backoff: { firstMs: 200, maxMs: 3000 },
  /** Time with failures only after which the store counts as away, ms. */
  awayAfterMs: 2000,
}

export type UploadQueue = ReturnType<typeof createUploadQueue>

/**
 * Uploads objects to a store, in the background. Nothing waits for it: what cannot be stored in time is
 * dropped. An upload that fails is repeated until it is dropped.
 */
export function createUploadQueue({ store, metrics, log, limits: given }: UploadQueueOptions) {
  const limits = { ...defaultLimits, ...given }
  const lists = createUploadLists()
  const backoff = createBackoff({ ...limits.backoff, jitter: 0.3 })
  const health = createStoreHealth(limits.awayAfterMs, store.kind, log)
  const closing = new AbortController()
  let running = 0
  let timer: NodeJS.Timeout | undefined

  function start(): void {
    const maxRunning = health.isFailing ? 1 : limits.maxRunning[store.kind]
    while (running < maxRunning && timer === undefined && !closing.signal.aborted) {
      const upload = lists.next(health.isFailing)
      if (upload === undefined) return
      running++
      void attempt(upload).finally(() => {
        running--
        start()
      })
    }
  }

  /** Uploads an object. Resolves when the store has responded, even if that is after the time limit. */
  async function attempt(upload: Upload): Promise<void> {
    const startedAt = performance.now()
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(limits.attemptMs)])
    const stored = store.put(upload.key, upload.pieces(), signal)
    try {
      await orAborted(stored, signal)
      metrics.stored(upload.bytes)
      backoff.reset()
      health.succeeded()
      lists.end(upload, true)
    } catch (error) {
      retry(upload, startedAt, messageOf(error))
      // A disk that hangs is still busy with it, and must not get more.
      await stored.catch(() => {})
    }
  }

  function retry(upload: Upload, startedAt: number, detail: string): void {
    lists.repeat(upload)
    if (closing.signal.aborted) return
    metrics.failed()
    health.failed(startedAt, detail)
    timer ??= setTimeout(() => {
      timer = undefined
      start()
    }, backoff.next())
  }

  return {
    add(upload: Upload): void {
      const onEnd = (isStored: boolean) => {
        if (!isStored) metrics.dropped()
        upload.onEnd(isStored)
      }
      lists.add({ ...upload, onEnd }, limits)
      if (closing.signal.aborted) lists.drop(upload.key)
      start()
    },

    /** Gives up an upload. One in progress may still succeed, and is not repeated if it fails. */
    drop: lists.drop,

    get figures() {
      return { isAway: health.isAway, queuedBytes: lists.bytes, behindSeconds: lists.ageMs / 1000 }
    },

    /** Gives up all uploads. */
    close(): void {
      closing.abort()
      clearTimeout(timer)
      lists.clear()
    },
  }
}

/** Settles as `promise` does, or rejects when `signal` aborts. */
function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => aborted.reject(new StoreError('no response in time')), {
    once: true,
  })
  return Promise.race([promise, aborted.promise])
}
