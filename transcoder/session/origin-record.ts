import type { LiveSession, Origin, TranscodeHealth } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { Presentation } from '../hls/interface.ts'
import { isPassedThrough, type TranscodePlan } from '../plan/plan.ts'

export interface OriginRecordOptions {
  registry: Pick<LiveRegistry, 'putOrigin' | 'removeOrigin'>
  session: LiveSession
  presentation: Presentation
  /** Id of this process, and the base URL of its origin. */
  instance: string
  url: string
  log: Log
  /** Another transcoder holds the session: this one must stop. */
  onFenced(): void
}

const heartbeatMs = 1500

export type OriginRecord = ReturnType<typeof keepOriginRecord>

/**
 * Keeps a session's record in the live registry true and alive until `close`.
 * Redis being away is no reason to stop: the edges remember, and the next heartbeat tells again.
 */
export function keepOriginRecord(options: OriginRecordOptions) {
  const { registry, session, presentation, log } = options
  let epoch = 0
  let plan: TranscodePlan | undefined
  let health: TranscodeHealth = { speed: 1, behindMs: 0, overloaded: false }
  let isUntold = false

  /** As measured; what is passed through is the present plan's to say. */
  const renditions = () =>
    presentation
      .renditions()
      .map((rendition) => ({ ...rendition, passthrough: isPassedThrough(plan, rendition.name) }))

  function record(): Origin {
    const state = presentation.isEnded ? 'ended' : presentation.isPlayable ? 'live' : 'starting'
    return {
      sessionId: session.sessionId,
      channelId: session.channelId,
      slug: session.slug,
      epoch,
      transcoder: options.instance,
      url: options.url,
      state,
      renditions: renditions(),
      health,
      nextMsn: presentation.nextMsn,
      discontinuity: presentation.discontinuity,
    }
  }

  async function put(announced: boolean): Promise<void> {
    if (epoch === 0) return
    try {
      const isOurs = await registry.putOrigin(record(), announced || isUntold)
      isUntold = false
      if (isOurs) return
      clearInterval(timer)
      options.onFenced()
    } catch (error) {
      if (!isUntold) log.warn({ err: error }, 'the live registry is away: the origin cannot be told')
      isUntold = true
    }
  }

  const timer = setInterval(() => void put(false), heartbeatMs)
  void presentation.playable.then(() => put(true))

  return {
    renditions,
    setEpoch(number: number, ofPlan: TranscodePlan): Promise<void> {
      epoch = number
      plan = ofPlan
      return put(true)
    },
    setHealth(now: TranscodeHealth): void {
      health = now
    },
    /** Tells it now. */
    tell: () => put(true),
    /** Tells it no more; the record lapses, or is taken over. */
    close: () => clearInterval(timer),
    async remove(): Promise<void> {
      clearInterval(timer)
      await registry
        .removeOrigin(session)
        .catch((error) => log.warn({ err: error }, 'the origin could not be removed'))
    },
  }
}
