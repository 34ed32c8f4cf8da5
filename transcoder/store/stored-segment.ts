import { setTimeout as delay } from 'node:timers/promises'
import type { StoredMedia, StoredPart } from '../packager/packager.ts'
import type { SegmentStore } from './segment-store.ts'
import type { StoreKey } from './store-key.ts'

/** Maximum number of segments that are read at a time. */
const maxReads = 4
/** Number of attempts to read a segment, time limit of each, and time between them, ms. */
const [attempts, attemptMs, pauseMs] = [2, 3000, 200]

/** Creates what reads segments of other transcoders from a store, for all sessions of this process. */
export function createSegmentReader(store: Pick<SegmentStore, 'get'>) {
  const waiting: (() => void)[] = []
  let running = 0

  async function take(): Promise<void> {
    if (running < maxReads) running++
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function leave(): void {
    const next = waiting.shift()
    if (next) next()
    else running--
  }

  /** Returns an object that has exactly `bytes` bytes; undefined when the store does not have it. */
  async function readOnce(key: StoreKey, bytes: number, drop: AbortSignal): Promise<Buffer | undefined> {
    const media = await store.get(key, AbortSignal.any([drop, AbortSignal.timeout(attemptMs)]))
    return media?.length === bytes ? media : undefined
  }

  async function read(key: StoreKey, bytes: number, drop: AbortSignal): Promise<Buffer | undefined> {
    await take()
    try {
      for (let left = attempts; left > 0 && !drop.aborted; left--) {
        try {
          return await readOnce(key, bytes, drop)
        } catch {
          if (left > 1) await delay(pauseMs)
        }
      }
      return undefined
    } finally {
      leave()
    }
  }

  /** Creates the media of a segment, and begins to read it. */
  return (key: StoreKey, bytes: number, parts: readonly StoredPart[]): StoredMedia => {
    const dropped = new AbortController()
    let media: Buffer | undefined
    let isLost = false
    let reading = read(key, bytes, dropped.signal).then((found) => {
      isLost = found === undefined
      media = dropped.signal.aborted ? undefined : found
      return media
    })
    return {
      bytes,
      parts,
      read: () => reading,
      get isLost() {
        return isLost
      },
      get data() {
        return media
      },
      drop() {
        dropped.abort()
        media = undefined
        reading = Promise.resolve(undefined)
      },
    }
  }
}
