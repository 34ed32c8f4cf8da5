import { mediaLengthsOf } from '../../../core/media/latency.ts'
import { createLog } from '../../../core/process/log.ts'
import { PublishSession } from '../../../ingest/session/publish-session.ts'
import { EpochSequence } from '../../../transcoder/epoch/epoch-sequence.ts'
import { createPresentation, type Presentation } from '../../../transcoder/packager/packager.ts'
import { parseLadder } from '../../../transcoder/plan/ladder.ts'
import { createFlvReader } from '../../../transcoder/source/flv-reader.ts'
import { createUnitParser, type MediaUnit } from '../../../transcoder/source/media-unit.ts'
import { unusedEncoders } from '../transcoder/unused-encoders.ts'
import type { DayPacket } from './day-source.ts'

/** The code of ingest and transcoder in this process: messages of a publisher become playlists. */
export interface MediaPath {
  /** Undefined before the source is known. */
  readonly presentation: Presentation | undefined
  /** Number of epochs so far. */
  readonly epochs: number
  /** Number of frames whose time was not after that of the previous frame of the same kind. */
  readonly backwards: number
  /** Why the session ended; undefined while it has not. */
  readonly ended: string | undefined
  receive(packet: DayPacket): void
  /** To be called regularly, so that epochs notice that time has passed. */
  tick(): void
  stop(): Promise<void>
}

const limits = { maxLong: 8192, maxShort: 4320, maxPixelRate: 600e6, maxBitrate: 50e6 }
const log = createLog('bench', 'silent')
/** Encoders that must not run: the source is passed through, and simulated time would not wait for ffmpeg. */
const encoders = unusedEncoders(failAtEncoder)

function failAtEncoder() {
  throw new Error('the source is no longer passed through')
}

/** Creates the path of one session with parts of 333 ms and segments of 2 s, without encoded renditions. */
export function createMediaPath(): MediaPath {
  let mediaZeroAt: number | undefined
  let transcode: { presentation: Presentation; sequence: EpochSequence } | undefined
  let epochs = 0
  let backwards = 0
  let ended: string | undefined
  const session = new PublishSession({
    sessionId: 's_AAAAAAAAAAAAAAAAAAAAAA',
    limits,
    onSource: (_, zeroAt) => {
      mediaZeroAt = zeroAt
    },
  })
  session.onEnd((reason, detail) => {
    ended = `${reason}: ${detail}`
  })

  function startTranscode() {
    const presentation = createPresentation({
      sessionId: session.sessionId,
      slug: 'day',
      mediaZeroAt,
      log,
      ...mediaLengthsOf('low', { partMs: 333, segmentMs: 2000 }),
    })
    const sequence = new EpochSequence({
      presentation,
      encoders,
      planOptions: { ladder: parseLadder('off'), fillsParts: presentation.fillsParts },
      segmentMs: 2000,
      allowance: { count: 0, want() {} },
      measured: () => {
        if (session.source === null) throw new Error('a source that was known is unknown')
        return { source: session.source, expectedGopMs: null }
      },
      nextNumber: () => ++epochs,
      onEpoch() {},
      log,
    })
    const reader = createUnitReader((unit, isBackwards) => {
      if (isBackwards) backwards++
      sequence.add(unit)
    })
    session.subscribe({
      write(tags) {
        for (const tag of tags) reader.push(tag)
      },
      end() {},
    })
    return { presentation, sequence }
  }

  return {
    get presentation() {
      return transcode?.presentation
    },
    get epochs() {
      return epochs
    },
    get backwards() {
      return backwards
    },
    get ended() {
      return ended
    },
    receive({ type, raw, tag }) {
      session.receive(type, raw, tag, performance.now())
      session.flush()
      if (transcode === undefined && mediaZeroAt !== undefined) transcode = startTranscode()
    },
    tick: () => transcode?.sequence.tick(performance.now()),
    async stop() {
      session.end('publisher_left')
      await transcode?.sequence.stop()
      transcode?.presentation.end()
    },
  }
}

/**
 * Creates a reader of FLV that passes on each unit. `isBackwards` is whether a frame's time is not after that
 * of the previous frame of the same kind.
 */
function createUnitReader(onUnit: (unit: MediaUnit, isBackwards: boolean) => void) {
  const parse = createUnitParser(0)
  const newest = { video: -1, audio: -1 }
  return createFlvReader((tag) => {
    const unit = parse(tag)
    if (unit === undefined) return
    const isMedia = unit.packet !== 'config'
    const isBackwards = isMedia && unit.ms <= newest[unit.kind]
    if (isMedia) newest[unit.kind] = unit.ms
    onUnit(unit, isBackwards)
  })
}
