import { setTimeout as delay } from 'node:timers/promises'
import type { Origin } from '../../core/contracts/live-records.ts'
import { inTime } from '../../core/mechanisms/in-time.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { AdoptedMedia } from '../packager/packager.ts'
import type { Remover } from './remover.ts'
import { createSegmentKeeper, type SegmentKeeper } from './segment-keeper.ts'
import type { SegmentStore } from './segment-store.ts'
import { adoptedFrom, type IndexedRenditions, readIndex } from './session-index.ts'
import { epochOf, indexKey, type StoreKey, segmentKey } from './store-key.ts'
import { createSegmentReader } from './stored-segment.ts'
import type { UploadQueue } from './upload-queue.ts'

export interface SessionStoreOptions {
  store: SegmentStore
  queue: UploadQueue
  remover: Remover
  instance: string
  log: Log
  /** Time after which the leftovers of a predecessor are removed, ms; tests replace it. */
  leftoverMs?: number
}

/**
 * Time that a successor waits for the index, ms, also when the store does not heed its signal, as a disk that
 * hangs. After that it begins without segments.
 */
const indexMs = 800
/** Time limit of the list of what a predecessor left, ms. */
const listMs = 10_000

/** The predecessor of a session, and the keys of the segments that this transcoder continues. */
interface Former extends Pick<Origin, 'transcoder' | 'epoch'> {
  keys: ReadonlySet<StoreKey>
}

export type SessionStore = ReturnType<typeof createSessionStore>

/** Stores the segments of the sessions of this process, and finds those of other transcoders. */
export function createSessionStore(options: SessionStoreOptions) {
  const { store, queue, remover, instance, log, leftoverMs = 30_000 } = options
  const reader = createSegmentReader(store)
  const formers = new Map<string, Former>()

  async function indexOf({ sessionId, transcoder }: Origin): Promise<IndexedRenditions | undefined> {
    try {
      const reading = store.get(indexKey(sessionId, transcoder), AbortSignal.timeout(indexMs))
      const data = await inTime(reading, indexMs, `no response within ${indexMs} ms`)
      return data && readIndex(data)
    } catch (error) {
      log.warn({ sessionId, detail: messageOf(error) }, 'cannot continue the stored segments of this session')
      return undefined
    }
  }

  /** Removes what a predecessor has stored and this transcoder does not continue. */
  async function removeLeftovers(sessionId: string, former: Former): Promise<void> {
    // Until then it may still be publishing, or another transcoder may continue from its index.
    await delay(leftoverMs, undefined, { ref: false })
    const found = await store.list(sessionId, AbortSignal.timeout(listMs))
    const formerIndex = indexKey(sessionId, former.transcoder)
    const isLeftover = (key: StoreKey) => {
      const epoch = epochOf(key)
      return epoch === undefined ? key === formerIndex : epoch <= former.epoch && !former.keys.has(key)
    }
    remover.add(found.filter((key) => isLeftover(key) && key !== indexKey(sessionId, instance)))
  }

  return {
    /**
     * Returns what the transcoder of an origin has stored of a session, by the name of the rendition;
     * undefined when nothing is found in time.
     */
    async adopt(origin: Origin): Promise<ReadonlyMap<string, AdoptedMedia> | undefined> {
      const { sessionId, transcoder, epoch } = origin
      const keys = new Set<StoreKey>()
      formers.set(sessionId, { transcoder, epoch, keys })
      const renditions = await indexOf(origin)
      if (renditions === undefined) return undefined
      const adopted = new Map<string, AdoptedMedia>()
      for (const [rendition, indexed] of Object.entries(renditions)) {
        const media = adoptedFrom(indexed, ({ epoch, msn }, bytes, parts) => {
          const key = segmentKey(sessionId, { rendition, epoch, msn })
          keys.add(key)
          return reader(key, bytes, parts)
        })
        adopted.set(rendition, media)
      }
      log.info({ sessionId, segments: keys.size }, 'stored segments are continued')
      return adopted
    },

    /** Creates what stores the segments of a session. */
    keeperOf(sessionId: string): SegmentKeeper {
      const former = formers.get(sessionId)
      formers.delete(sessionId)
      const keeper = createSegmentKeeper({
        sessionId,
        instance,
        queue,
        remove: remover.add,
        onIndexed() {
          if (former) void removeLeftovers(sessionId, former).catch(() => {})
        },
      })
      if (former) keeper.changed()
      return keeper
    },

    /** Removes what is stored of a session. What remains after a failure is swept later. */
    async remove(sessionId: string): Promise<void> {
      try {
        await remover.removeSession(sessionId)
      } catch (error) {
        log.debug({ sessionId, detail: messageOf(error) }, 'cannot remove segments yet')
      }
    },
  }
}
