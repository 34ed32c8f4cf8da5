import { type Redis, redisPrefix } from '../../process/redis.ts'
import { readSample, type SignalSample, writeSample } from './signal-sample.ts'

/** Number of newest samples that are kept for each session: those of ten minutes. Redis trims in blocks. */
const keptSamples = 600
/** Time for which the samples of a session stay stored after the newest one, ms. */
const ttlMs = 600_000

const keyOf = (sessionId: string) => `${redisPrefix}signal:${sessionId}`

/**
 * Redis script that adds the sample ARGV[1] to the stream KEYS[1] of about ARGV[2] samples, which then lives
 * for ARGV[3] ms. One script does both, so that no stream can stay for ever.
 */
const appendScript = `
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 's', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`

export type SignalLog = ReturnType<typeof createSignalLog>

/** Samples of the signals of live sessions in Redis. Those of an ended session lapse by themselves. */
export function createSignalLog(redis: Redis) {
  return {
    async append(sessionId: string, sample: SignalSample): Promise<void> {
      await redis.eval(appendScript, 1, keyOf(sessionId), writeSample(sample), keptSamples, ttlMs)
    },

    /** Returns the newest `count` samples of a session, the oldest first; none when it has none. */
    async newest(sessionId: string, count = keptSamples): Promise<SignalSample[]> {
      const entries = await redis.xrevrange(keyOf(sessionId), '+', '-', 'COUNT', count)
      return entries.reverse().map(([, fields]) => readSample(fields[1] ?? '[[]]'))
    },
  }
}
