import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { Claims } from '../publish/claims.ts'
import type { ReturningPublish } from '../publish/publish-authority.ts'
import type { EventOutbox } from './event-outbox.ts'
import type { PublishSession } from './publish-session.ts'
import type { SessionLife } from './session-life.ts'
import { nextRecord, type RecordOptions } from './session-record.ts'
import { isSilent } from './silence.ts'

export interface ResumptionOptions extends RecordOptions {
  announcer: {
    registry: Pick<LiveRegistry, 'continueSession' | 'putSession' | 'session'>
    claims: Pick<Claims, 'adopt' | 'leave'>
    outbox: EventOutbox
  }
  lives: {
    ofChannel(channelId: string): SessionLife[]
    find(sessionId: string): SessionLife | undefined
  }
  start(record: LiveSession, former: LiveSession): SessionLife
  log: Log
}

/** Creates the operations by which sessions continue when their publishers return. */
export function createResumption(options: ResumptionOptions) {
  const { lives, start, log } = options
  const { registry, claims, outbox } = options.announcer

  /**
   * Writes the record of a session of this process that continues. Returns false when the session continues
   * at another ingest. While Redis is away it continues here.
   */
  async function continueHere(record: LiveSession): Promise<boolean> {
    try {
      if (await registry.continueSession(record)) return true
      // Redis may have lost its data. A session without a record continues here.
      return (await registry.session(record.sessionId)) === undefined && (await registry.putSession(record))
    } catch {
      return true
    }
  }

  return {
    /**
     * Makes the session of a channel wait, if its publisher is silent. While a session publishes, this takes
     * up to a second, or longer for a picture without sound that has few frames per second. `none`: the
     * channel has no session here.
     */
    async release(channelId: string): Promise<'waiting' | 'publishing' | 'none'> {
      const [life] = lives.ofChannel(channelId)
      if (life?.at === 'publishing' && (await isSilent(life.session)))
        life.session.end('publisher_lost', 'The publisher was silent and connected again.')
      const [present] = lives.ofChannel(channelId)
      if (present === undefined) return 'none'
      return present.at === 'waiting' ? 'waiting' : 'publishing'
    },

    /**
     * Continues a session whose publisher has returned: the one of the channel that waits here or, with
     * `elsewhere`, one of another ingest. Returns undefined when there is no such session, or another
     * publisher was first.
     */
    async resume(publish: ReturningPublish, elsewhere?: LiveSession): Promise<PublishSession | undefined> {
      const { channelId } = publish.grant
      const waiting = lives.ofChannel(channelId).find(({ at }) => at === 'waiting')
      const former = elsewhere ?? waiting?.record.current
      if (former === undefined) return undefined
      const record = nextRecord(publish, former, options)
      const { sessionId, slug, claim } = record
      if (!elsewhere) waiting?.take()
      const isOurs = await (elsewhere ? registry.continueSession(record) : continueHere(record))
      if (!isOurs) {
        if (!elsewhere) waiting?.leave()
        return undefined
      }
      claims.adopt(channelId, sessionId, claim)
      const { since, reason } = former.interruption ?? lostWith(former)
      log.info({ sessionId, slug, awayMs: Date.now() - since }, 'publisher is back')
      outbox.append({ type: 'resumed', at: Date.now(), sessionId, since, reason })
      return start(record, former).session
    },

    /**
     * Handles the request of another ingest, to which the publisher of a session has returned. Interrupts the
     * session if its publisher is silent here; otherwise calls `refuse`.
     */
    async yieldTo(sessionId: string, refuse: () => void): Promise<void> {
      const life = lives.find(sessionId)
      if (life?.at !== 'publishing') return
      if (!(await isSilent(life.session))) return refuse()
      life.session.end('publisher_lost', 'The publisher was silent and connected to another server.')
    },
  }
}

/**
 * Returns the start and the reason of the interruption of a session whose ingest died. The interruption
 * starts at the newest media.
 */
const lostWith = ({ mediaZeroAt = Date.now(), newestMs = 0 }: LiveSession) => ({
  since: mediaZeroAt + newestMs,
  reason: 'ingest_lost' as const,
})
