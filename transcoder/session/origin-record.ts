import type { LiveSession, Origin, TranscodeHealth } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { Presentation } from '../packager/packager.ts'
import { isPassedThrough, type TranscodePlan } from '../plan/plan.ts'
import { createCatchUp } from './catch-up.ts'

export interface OriginRecordOptions {
  registry: Pick<LiveRegistry, 'putOrigin' | 'removeOrigin'>
  session: LiveSession
  presentation: Presentation
  instance: string
  /** Base URL of the origin of this process. */
  url: string
  /**
   * Lag of the transcoder before, ms, if that one continues the session until this one has caught up. The
   * record is not written before that, so edges stay with the other one.
   */
  formerBehindMs: number | undefined
  log: Log
  /** Called when another transcoder publishes the session with a newer epoch, so this one must stop. */
  onFenced(): void
}

/** Interval at which the record is written, ms. Two of them and a margin are `staleOriginMs`. */
const heartbeatMs = 900
/** Interval at which the record of an offered session is written, so that a successor is noticed soon, ms. */
const offeredHeartbeatMs = 200

const stateOf = ({ isEnded, isPlayable }: Presentation): Origin['state'] =>
  isEnded ? 'ended' : isPlayable ? 'live' : 'starting'

interface Epoch {
  number: number
  plan: TranscodePlan
}

/** What the record says beyond what the presentation knows. */
interface Notes {
  epoch: Epoch
  health: TranscodeHealth
  leaving: Pick<Origin, 'isReleased' | 'isOffered'>
}

export type OriginRecord = ReturnType<typeof keepOriginRecord>

/**
 * Writes the origin record of a session to the live registry, regularly until `close` or `remove`: from the
 * first `setEpoch` on, or once a successor has caught up. While Redis is away the transcode continues: edges
 * remember the origin, and the next write restores the record.
 */
export function keepOriginRecord(options: OriginRecordOptions) {
  const { registry, session, presentation, log } = options
  const catchUp = createCatchUp(presentation, options.formerBehindMs)
  let epoch: Epoch | undefined
  let health: TranscodeHealth = { speed: 1, behindMs: 0, overloaded: false }
  let leaving: Notes['leaving'] = {}
  let hasFailed = false

  async function write(announced: boolean): Promise<void> {
    if (epoch === undefined || !catchUp.isOver) return
    try {
      const record = recordOf(options, { epoch, health, leaving })
      const isOurs = await registry.putOrigin(record, announced || hasFailed)
      hasFailed = false
      if (isOurs) return
      clearInterval(timer)
      options.onFenced()
    } catch (error) {
      if (!hasFailed) log.warn({ err: error }, 'the live registry is away: cannot write the origin record')
      hasFailed = true
    }
  }

  let timer = setInterval(() => void write(false), heartbeatMs)
  void presentation.playable.then(() => write(true))

  return {
    /** Returns the renditions as the record contains them. */
    renditions: () => renditionsOf(presentation, epoch?.plan),
    setEpoch(number: number, plan: TranscodePlan): Promise<void> {
      epoch = { number, plan }
      return write(true)
    },
    /** Sets the health that the next write contains. Must be called often. */
    setHealth(newHealth: TranscodeHealth): void {
      health = newHealth
      if (!catchUp.endsWith(health.behindMs)) return
      log.info({ behindMs: health.behindMs }, 'the session is handed over')
      void write(true)
    },
    /** Writes the record now and announces the change to the other roles. */
    put: () => write(true),
    /** Writes that another transcoder may continue the session, from the state in the record. */
    release(): Promise<void> {
      leaving = { isReleased: true }
      return write(true)
    },
    /**
     * Writes that another transcoder may prepare to continue the session. `onFenced` is called when that one
     * has caught up.
     */
    offer(): Promise<void> {
      leaving = { isOffered: true }
      clearInterval(timer)
      timer = setInterval(() => void write(false), offeredHeartbeatMs)
      return write(false)
    },
    /** Stops writing the record, which then expires or is replaced by that of another transcoder. */
    close: () => clearInterval(timer),
    async remove(): Promise<void> {
      clearInterval(timer)
      await registry
        .removeOrigin({ ...session, epoch: epoch?.number ?? 0 })
        .catch((error) => log.warn({ err: error }, 'cannot remove the origin record'))
    },
  }
}

function recordOf(
  { session, presentation, instance, url }: OriginRecordOptions,
  { epoch, health, leaving }: Notes,
): Origin {
  return {
    sessionId: session.sessionId,
    channelId: session.channelId,
    slug: session.slug,
    epoch: epoch.number,
    transcoder: instance,
    ...leaving,
    url,
    state: stateOf(presentation),
    renditions: renditionsOf(presentation, epoch.plan),
    health,
    nextMsn: presentation.nextMsn,
    discontinuity: presentation.discontinuity,
  }
}

/** Returns the renditions with the packager's measurements. Which are passed through comes from the plan. */
const renditionsOf = (presentation: Presentation, plan: TranscodePlan | undefined) =>
  presentation
    .renditions()
    .map((rendition) => ({ ...rendition, passthrough: isPassedThrough(plan, rendition.name) }))
