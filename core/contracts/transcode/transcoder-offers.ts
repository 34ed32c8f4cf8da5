import { createHeartbeatRecords } from '../../mechanisms/heartbeat-records.ts'
import { throttle } from '../../mechanisms/throttle.ts'
import type { Log } from '../../process/log.ts'
import { type Redis, redisPrefix } from '../../process/redis.ts'

/** What one transcoder can take, as it announces it in Redis. Work is in megapixels/s. */
export interface TranscoderOffer {
  instance: string
  /** Work that it can do at a time; null when it has no limit. */
  capacity: number | null
  /** Work that its sessions would do with their full ladders, by their priority. */
  wanted: { priority: number; work: number }[]
  /** Number of sessions that count against `maxSessions`. */
  sessions: number
  maxSessions: number
}

const heartbeatMs = 1500
/** Minimum time between two writes, ms. Each change causes one. */
const minWriteMs = 100

const recordsIn = (redis: Redis) =>
  createHeartbeatRecords<TranscoderOffer>(redis, {
    index: `${redisPrefix}offers`,
    prefix: `${redisPrefix}offer:`,
    ttlMs: 5000,
  })

/**
 * Announces what `read` returns every 1.5 s, and soon after each call of `changed`. `withdraw` ends this and
 * removes the record. Neither rejects when Redis is away.
 */
export function announceOffer(
  redis: Redis,
  { instance, read, log }: { instance: string; read: () => TranscoderOffer; log: Log },
) {
  const records = recordsIn(redis)
  let isOpen = true
  const write = throttle(minWriteMs, () => {
    if (!isOpen) return
    records.put(instance, read()).catch((error: unknown) => log.debug({ err: error }, 'room not announced'))
  })
  /** Writes what `read` returns after the present task, which may still change it. */
  const changed = () => void setImmediate(write)
  changed()
  const timer = setInterval(write, heartbeatMs)
  return {
    changed,
    async withdraw(): Promise<void> {
      isOpen = false
      clearInterval(timer)
      await records.remove(instance).catch(() => {})
    },
  }
}

/** Returns the offers that were announced in the last 5 s. Rejects while Redis is away. */
export const transcoderOffers = (redis: Redis): Promise<TranscoderOffer[]> => recordsIn(redis).all()
