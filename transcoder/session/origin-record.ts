import type { LiveSession, Origin, TranscodeHealth } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { Presentation } from '../packager/packager.ts'
import { isPassedThrough, type TranscodePlan } from '../plan/plan.ts'

export interface OriginRecordOptions {
  registry: Pick<LiveRegistry, 'putOrigin' | 'removeOrigin'>
  session: LiveSession
  presentation: Presentation
  instance: string
  /** Base URL of the origin of this process. */
  url: string
  log: Log
  /** Called when another transcoder publishes the session with a newer epoch, so this one must stop. */
  onFenced(): void
}

/** Interval at which the record is written, ms: a quarter of its time to live (`originTtlMs`). */
const heartbeatMs = 1500

const stateOf = ({ isEnded, isPlayable }: Presentation): Origin['state'] =>
  isEnded ? 'ended' : isPlayable ? 'live' : 'starting'

export type OriginRecord = ReturnType<typeof keepOriginRecord>

/**
 * Writes the origin record of a session to the live registry, regularly from the first `setEpoch` until
 * `close` or `remove`. While Redis is away the transcode continues: edges remember the origin, and the next
 * write restores the record.
 */
export function keepOriginRecord(options: OriginRecordOptions) {
  const { registry, session, presentation, log } = options
  let epoch = 0
  let plan: TranscodePlan | undefined
  let health: TranscodeHealth = { speed: 1, behindMs: 0, overloaded: false }
  let hasFailed = false
  let isReleased = false

  /**
   * Returns the renditions with the packager's measurements. Whether one is passed through comes from the
   * present plan.
   */
  const renditions = () =>
    presentation
      .renditions()
      .map((rendition) => ({ ...rendition, passthrough: isPassedThrough(plan, rendition.name) }))

  function record(): Origin {
    return {
      sessionId: session.sessionId,
      channelId: session.channelId,
      slug: session.slug,
      epoch,
      transcoder: options.instance,
      ...(isReleased ? { isReleased } : {}),
      url: options.url,
      state: stateOf(presentation),
      renditions: renditions(),
      health,
      nextMsn: presentation.nextMsn,
      discontinuity: presentation.discontinuity,
    }
  }

  async function write(announced: boolean): Promise<void> {
    if (epoch === 0) return
    try {
      const isOurs = await registry.putOrigin(record(), announced || hasFailed)
      hasFailed = false
      if (isOurs) return
      clearInterval(timer)
      options.onFenced()
    } catch (error) {
      if (!hasFailed) log.warn({ err: error }, 'the live registry is away: cannot write the origin record')
      hasFailed = true
    }
  }

  const timer = setInterval(() => void write(false), heartbeatMs)
  void presentation.playable.then(() => write(true))

  return {
    /** Returns the renditions as the record contains them. */
    renditions,
    setEpoch(newEpoch: number, newPlan: TranscodePlan): Promise<void> {
      epoch = newEpoch
      plan = newPlan
      return write(true)
    },
    /** Sets the health that the next write contains. */
    setHealth(newHealth: TranscodeHealth): void {
      health = newHealth
    },
    /** Writes the record now and announces the change to the other roles. */
    put: () => write(true),
    /** Writes that another transcoder may continue the session, from the state in the record. */
    release(): Promise<void> {
      isReleased = true
      return write(true)
    },
    /** Stops writing the record, which then expires or is replaced by that of another transcoder. */
    close: () => clearInterval(timer),
    async remove(): Promise<void> {
      clearInterval(timer)
      await registry
        .removeOrigin({ ...session, epoch })
        .catch((error) => log.warn({ err: error }, 'cannot remove the origin record'))
    },
  }
}
