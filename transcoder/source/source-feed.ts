import { isEndOfPublish, isEndOfSession, isKeepAlive } from '../../core/media/flv-tag.ts'
import { messageOf } from '../../core/process/errors.ts'
import { createFlvReader } from './flv-reader.ts'
import { createUnitParser, type MediaUnit } from './media-unit.ts'
import { type PullEnd, type PullPlace, startPull } from './pull.ts'

export interface SourceFeedOptions {
  /** Key of transcoders at ingests, sent as a bearer token. */
  secret: string
  /** Receives the units of the session in order: each frame once, the configurations again in each pull. */
  onUnit(unit: MediaUnit): void
}

/** Address of a session at its ingest, and what is known of its times. */
export interface FeedPlace extends PullPlace {
  /** Approximate newest time of the source, ms. It shows how often FLV timestamps (31 bits) have wrapped. */
  nearMs: number
  /** Session time from which media is needed, ms; by default the newest GOP is enough. */
  fromMs?: number | undefined
}

/** Maximum time until the head of the response has arrived, ms. */
const connectTimeoutMs = 3000

export type SourceFeed = ReturnType<typeof createSourceFeed>

/**
 * Reads the media of a session from its ingest, in one pull after another. Each pull begins with the newest
 * keyframe. Frames that an earlier pull delivered are dropped.
 */
export function createSourceFeed({ secret, onUnit }: SourceFeedOptions) {
  /** Newest decode time of each kind, ms. */
  const newestMs = { video: Number.NEGATIVE_INFINITY, audio: Number.NEGATIVE_INFINITY }
  const isKnown = ({ kind, packet, ms }: MediaUnit) => packet !== 'config' && ms <= newestMs[kind]
  let pull: ReturnType<typeof startPull> | undefined
  let isStopped = false

  return {
    /** Newest decode time of video and audio together, ms; undefined before the first frame. */
    get newestMs(): number | undefined {
      const newest = Math.max(newestMs.video, newestMs.audio)
      return Number.isFinite(newest) ? newest : undefined
    },

    /** Time since the newest byte of the present pull arrived, ms; 0 without a pull. */
    get quietMs(): number {
      return pull?.quietMs ?? 0
    },

    /** Ends the present pull as lost. */
    drop: (detail: string): void => pull?.lost(detail),

    /** Pulls until the session ends or is interrupted, the connection is lost, or `stop` is called. */
    async run({ url, localSocket, nearMs, fromMs }: FeedPlace): Promise<PullEnd> {
      if (isStopped) return { kind: 'stopped' }
      const parse = createUnitParser(nearMs)
      const reader = createFlvReader((tag) => {
        if (isEndOfSession(tag)) return started.end('ended')
        if (isEndOfPublish(tag)) return started.end('interrupted')
        if (isKeepAlive(tag)) return started.keepAlive()
        const unit = parse(tag)
        if (unit === undefined || isKnown(unit)) return
        if (unit.packet !== 'config') newestMs[unit.kind] = unit.ms
        onUnit(unit)
      })
      const failure = Promise.withResolvers<PullEnd>()
      const started = startPull({
        url,
        localSocket,
        secret,
        fromMs,
        connectTimeoutMs,
        onChunk(chunk) {
          try {
            reader.push(chunk)
          } catch (error) {
            failure.resolve({ kind: 'unreadable', detail: messageOf(error) })
            started.stop()
          }
        },
      })
      pull = started
      return Promise.race([failure.promise, started.ended])
    },

    /** Ends the present pull. Each later `run` ends at once. */
    stop(): void {
      isStopped = true
      pull?.stop()
    },
  }
}
