import { createPoll } from '../mechanisms/poll.ts'
import { messageOf } from '../process/errors.ts'
import type { Log } from '../process/log.ts'
import { addGauge, Gauge, type Registry } from '../process/metrics.ts'
import { closeRedis, connectRedis, redisPrefix } from '../process/redis.ts'

/** What can be wrong with Redis, as seen by one process. Several can be true at the same time. */
const redisTroubles = [
  /** There is no connection, or no response for 5 s. */
  'away',
  /** Responses take longer than 0.5 s. */
  'slow',
  /** Redis is a replica, or a primary that lacks replicas. */
  'read_only',
  'out_of_memory',
  /** Redis refuses writes because it cannot save its data. */
  'disk_full',
  /** Redis refuses commands for another reason: it still loads its data, is busy, or denies access. */
  'refusing',
  /** The clocks of Redis and of this process differ by more than 2 s. */
  'clock',
] as const
export type RedisTrouble = (typeof redisTroubles)[number]

/** Beginnings of errors that Redis sends when it takes no writes. */
const writeErrors = {
  READONLY: 'read_only',
  NOREPLICAS: 'read_only',
  OOM: 'out_of_memory',
  MISCONF: 'disk_full',
} as const satisfies Record<string, RedisTrouble>

const slowMs = 500
const awayMs = 5000
const maxClockOffsetMs = 2000
const probeKey = `${redisPrefix}health-probe`

/** One probe: how long Redis took, what it responded, and how far its clock is ahead of this process. */
interface Probe {
  tookMs: number
  error: string | undefined
  clockOffsetMs: number
}

/** Returns the troubles of Redis. `waitingMs` is the time that a probe has had no response; 0 without one. */
export function troublesOf(probe: Probe, waitingMs: number, isConnected: boolean): Set<RedisTrouble> {
  const troubles = new Set<RedisTrouble>()
  if (!isConnected || waitingMs > awayMs) return troubles.add('away')
  if (Math.max(waitingMs, probe.tookMs) > slowMs) troubles.add('slow')
  if (probe.error !== undefined) {
    const [word = ''] = probe.error.split(' ', 1)
    troubles.add(writeErrors[word as keyof typeof writeErrors] ?? 'refusing')
  }
  // The offset is uncertain by half of the round trip.
  if (Math.abs(probe.clockOffsetMs) > maxClockOffsetMs + probe.tookMs / 2) troubles.add('clock')
  return troubles
}

export interface RedisHealthOptions {
  redisUrl: string
  /** Name of the role, from which the name of the connection is made. */
  purpose: string
  log: Log
  /** Time between two probes, ms. */
  everyMs?: number
}

/**
 * Probes Redis every second with a write and exports what is wrong as `nowcast_redis_trouble`, one series for
 * each kind. Changes are logged. The returned function ends the probes.
 */
export function watchRedisHealth(
  registry: Registry,
  { redisUrl: url, purpose, log, everyMs = 1000 }: RedisHealthOptions,
): () => void {
  const redis = connectRedis({ url, log, purpose: `${purpose}-health`, whenAway: 'wait' })
  let latest: Probe = { tookMs: 0, error: undefined, clockOffsetMs: 0 }
  let sentAt: number | undefined
  let known = ''

  function troubles(): Set<RedisTrouble> {
    const waitingMs = sentAt === undefined ? 0 : performance.now() - sentAt
    return troublesOf(latest, waitingMs, redis.status === 'ready')
  }

  function logChange() {
    const now = [...troubles()].join(', ')
    if (now === known) return
    known = now
    if (now === '') log.info('redis is well again')
    else log.warn({ troubles: now, ...latest }, 'redis is in trouble; what is live continues')
  }

  async function probe() {
    // A probe would be queued until Redis is back. Meanwhile `troubles` reports `away`.
    if (redis.status !== 'ready') return
    const began = performance.now()
    sentAt = began
    try {
      latest = await probeOnce(redis)
    } catch (error) {
      latest = { ...latest, error: messageOf(error), tookMs: performance.now() - began }
    } finally {
      sentAt = undefined
    }
    logChange()
  }

  const poll = createPoll(probe, { everyMs })
  const gauge = new Gauge<'kind'>({
    name: 'nowcast_redis_trouble',
    help: '1 while Redis, as this process sees it, has this kind of trouble',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      const found = troubles()
      for (const kind of redisTroubles) gauge.set({ kind }, found.has(kind) ? 1 : 0)
    },
  })
  addGauge(
    registry,
    {
      name: 'nowcast_redis_clock_offset_seconds',
      help: 'How far the clock of Redis is ahead of the clock of this process',
    },
    () => latest.clockOffsetMs / 1000,
  )

  return () => {
    void poll.close()
    closeRedis(redis)
  }
}

async function probeOnce(redis: ReturnType<typeof connectRedis>): Promise<Probe> {
  const began = performance.now()
  const [write, time] =
    (await redis
      .pipeline()
      // Writes only the first time, but fails whenever Redis refuses writes.
      .set(probeKey, '1', 'NX')
      .time()
      .exec()) ?? []
  const tookMs = performance.now() - began
  const error = write?.[0] ?? time?.[0]
  const [seconds, micros] = (time?.[1] ?? []) as (string | number)[]
  const redisMs = Number(seconds) * 1000 + Number(micros) / 1000
  const clockOffsetMs = Number.isNaN(redisMs) ? 0 : Math.round(redisMs - (Date.now() - tookMs / 2))
  return { tookMs: Math.round(tookMs), error: error?.message, clockOffsetMs }
}
