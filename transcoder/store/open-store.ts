import { join, resolve } from 'node:path'
import { newSessionId } from '../../core/contracts/ids.ts'
import { createLiveRegistry } from '../../core/contracts/live-registry.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Registry } from '../../core/process/metrics.ts'
import type { Redis } from '../../core/process/redis.ts'
import { createDiskStore } from './disk-store.ts'
import { createRemover } from './remover.ts'
import { createS3Store } from './s3-store.ts'
import { type SegmentStore, StoreError } from './segment-store.ts'
import { createSessionStore, type SessionStore } from './session-store.ts'
import { indexKey } from './store-key.ts'
import { createStoreMetrics } from './store-metrics.ts'
import { type S3Settings, type StorePlace, s3AccessOf } from './store-place.ts'
import { startSweep } from './sweep.ts'
import { createUploadQueue } from './upload-queue.ts'

/** Folder in the data dir. */
const segmentsFolder = 'segments'

interface StoreSettings extends S3Settings {
  dataDir: string
  segmentStore: StorePlace
}

/** @throws NowcastError `bad_settings` */
function createStore(settings: StoreSettings, scope: string): SegmentStore | undefined {
  const { segmentStore: place, dataDir } = settings
  if (place.kind === 'off') return undefined
  if (place.kind === 'disk') return createDiskStore(join(resolve(dataDir), segmentsFolder))
  const { bucket, prefix } = place
  return createS3Store({ access: s3AccessOf(settings), bucket, prefix: `${prefix}${scope}/` })
}

export interface OpenStoreOptions {
  /** Name of the instance, which keeps the objects of instances with the same bucket apart. */
  scope: string
  instance: string
  redis: Redis
  metrics: Registry
  log: Log
}

export interface OpenStore {
  /** Undefined when segments are not stored. */
  sessions: SessionStore | undefined
  close(): Promise<void>
}

/**
 * Opens the store that the settings name, and checks in the background what it can do. The segments of
 * sessions that no process ends are removed from it.
 * @throws NowcastError `bad_settings`
 */
export function openStore(settings: StoreSettings, options: OpenStoreOptions): OpenStore {
  const { instance, metrics, log } = options
  const store = createStore(settings, options.scope)
  if (store === undefined) return { sessions: undefined, close: async () => {} }
  const queue = createUploadQueue({ store, metrics: createStoreMetrics(metrics, () => queue.figures), log })
  const remover = createRemover(store)
  const sweep = startSweep({ store, remover, registry: createLiveRegistry(options.redis), log })
  void probe(store, instance).catch((error) =>
    log.warn({ store: store.kind, detail: messageOf(error) }, 'the segment store cannot be used as it is'),
  )
  return {
    sessions: createSessionStore({ store, queue, remover, instance, log }),
    async close() {
      queue.close()
      await remover.close()
      await sweep.close()
    },
  }
}

/** Time limit of each step of the probe, ms. */
const probeStepMs = 5000

/**
 * Writes, reads, lists and removes a small object.
 * @throws StoreError that says what the store cannot do
 */
async function probe(store: SegmentStore, instance: string): Promise<void> {
  const sessionId = newSessionId()
  const key = indexKey(sessionId, instance)
  const body = Buffer.from('{}')
  const step = async <T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await work(AbortSignal.timeout(probeStepMs))
    } catch (error) {
      throw new StoreError(`it cannot ${what}: ${messageOf(error)}`)
    }
  }
  await step('write', (signal) => store.put(key, [body], signal))
  const read = await step('read', (signal) => store.get(key, signal))
  if (!read?.equals(body)) throw new StoreError('it does not return what was written')
  const listed = await step('list', (signal) => store.list(sessionId, signal))
  if (!listed.includes(key)) throw new StoreError('it does not list what was written')
  await step('remove', (signal) => store.remove(key, signal))
  if (await step('read', (signal) => store.get(key, signal)))
    throw new StoreError('it does not remove what was written')
  await store.forget(sessionId)
}
