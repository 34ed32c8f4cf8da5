import { type ChannelClaim, winsOver } from '../../core/contracts/channel-claims.ts'
import { newSessionId } from '../../core/contracts/ids.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import type { StopRequests } from '../../core/contracts/stop-requests.ts'
import type { Log } from '../../core/process/log.ts'
import type { TranscodePlaces } from '../transcode/transcode-places.ts'
import type { Claims } from './claims.ts'
import type { FormerSessions } from './former-sessions.ts'
import type { Grants } from './grants.ts'
import type { PublishedSession } from './publish-sink.ts'
import type { Refusal } from './refusal.ts'

interface PublishRequest {
  streamKey: string
  /** IP address of the publisher. */
  address: string
  /** Name of the encoder (`flashVer`); null when it sent none. */
  software: string | null
}

export interface PublishAuthority {
  /**
   * Opens or continues a session, or returns why the publisher is refused. A publisher whose key cannot be
   * checked is refused too.
   */
  authorize(request: PublishRequest): Promise<{ session: PublishedSession } | { refusal: Refusal }>
}

/** A publish whose key is valid, and which may continue a session. */
export interface ReturningPublish {
  grant: ChannelGrant
  request: PublishRequest
}

/** A publish whose key is valid and whose channel is claimed. */
export interface GrantedPublish extends ReturningPublish {
  sessionId: string
  /** Claim to the channel; undefined if Redis was away. */
  claim: ChannelClaim | undefined
  /** Longest recent GOP of the previous session of the channel, ms; null when it is unknown. */
  expectedGopMs: number | null
}

interface SessionHost {
  readonly isClosing: boolean
  open(publish: GrantedPublish): PublishedSession
  release(channelId: string): Promise<'waiting' | 'publishing' | 'none'>
  resume(publish: ReturningPublish, elsewhere?: LiveSession): Promise<PublishedSession | undefined>
  has(sessionId: string): boolean
  ofChannel(channelId: string): readonly Pick<PublishedSession, 'end'>[]
}

export interface PublishAuthorityDependencies {
  grants: Pick<Grants, 'lookUp'>
  claims: Pick<Claims, 'acquire' | 'isHeldBy' | 'claimOf' | 'release'>
  registry: Pick<LiveRegistry, 'rememberedGop' | 'sessions'>
  stopRequests: Pick<StopRequests, 'request'>
  /** Finds a session of another ingest that the publisher continues. */
  formerSessions: Pick<FormerSessions, 'find'>
  places: Pick<TranscodePlaces, 'areTaken'>
  sessions: SessionHost
  log: Log
}

const takenOver = { reason: 'taken_over', detail: 'Another publisher took the channel over.' } as const
const busy = 'Another encoder is already publishing to this channel.'
const noRoom = 'The server has no room for another show. Try again later.'

/**
 * Creates the authority that accepts publishers by their stream key. While Redis is up, a channel has one
 * session at a time over all ingests.
 */
export function createPublishAuthority(dependencies: PublishAuthorityDependencies): PublishAuthority {
  const { grants, claims, registry, stopRequests, formerSessions, places, sessions, log } = dependencies

  /**
   * Ends the sessions over which a takeover wins: those of this process at once, those of other ingests by
   * stop requests. A session that is not in the live registry yet checks its claim when it is announced.
   */
  function endPrevious(channelId: string, claim: ChannelClaim | undefined) {
    for (const previous of sessions.ofChannel(channelId)) previous.end(takenOver.reason, takenOver.detail)
    if (claim === undefined) return
    // When the stop request fails, the other ingest notices the takeover with its next heartbeat.
    requestStops(channelId, claim).catch((error) => log.debug({ err: error }, 'stop request failed'))
  }

  async function requestStops(channelId: string, claim: ChannelClaim) {
    for (const other of await registry.sessions()) {
      const { sessionId } = other
      if (other.channelId !== channelId || other.claim === undefined || sessions.has(sessionId)) continue
      if (winsOver(claim, other.claim)) await stopRequests.request({ sessionId, ...takenOver })
    }
  }

  /**
   * Continues the session of the channel whose publisher has returned. Returns undefined when there is no
   * such session, or its publisher is sending.
   */
  async function continueSession(publish: ReturningPublish): Promise<PublishedSession | undefined> {
    const { channelId } = publish.grant
    const state = await sessions.release(channelId)
    if (state === 'publishing') return undefined
    if (state === 'waiting') return sessions.resume(publish)
    try {
      const elsewhere = await formerSessions.find(channelId)
      return elsewhere && (await sessions.resume(publish, elsewhere))
    } catch (error) {
      log.debug({ err: error }, 'sessions of other ingests are unknown')
      return undefined
    }
  }

  /**
   * Whether there is no transcoder for a session of the channel, given whether all are full. A channel that
   * is live has its place already, which becomes free when another publisher takes the channel over.
   */
  async function hasNoPlace(channelId: string, areTaken: boolean): Promise<boolean> {
    if (!areTaken) return false
    const live = await registry.sessions().catch(() => [])
    return live.every((session) => session.channelId !== channelId)
  }

  return {
    async authorize(request) {
      if (sessions.isClosing) return refuse('shutdown', 'The server is stopping.')
      const grant = await grants.lookUp(request.streamKey)
      if (grant === 'unknown') return refuse('bad_key', 'The stream key is not valid.')
      if (grant === 'away')
        return refuse('unavailable', 'The key cannot be checked right now. Try again soon.')
      const { channelId, takeover } = grant
      const sessionId = newSessionId()
      const expectedGop = registry.rememberedGop(channelId).catch(() => null)
      // Both are read at once: while Redis is away, each command takes seconds to fail.
      const areTaken = places.areTaken()
      const continued = await continueSession({ grant, request })
      if (continued) return { session: continued }
      if (await hasNoPlace(channelId, await areTaken)) return refuse('no_room', noRoom)
      if (!(await claims.acquire(grant, sessionId))) return refuse('channel_busy', busy)
      const expectedGopMs = await expectedGop
      if (!claims.isHeldBy(channelId, sessionId)) {
        // A later publisher took the channel over meanwhile.
        void claims.release(channelId, sessionId)
        return refuse('channel_busy', busy)
      }
      const claim = claims.claimOf(sessionId)
      if (takeover) endPrevious(channelId, claim)
      return { session: sessions.open({ sessionId, grant, request, claim, expectedGopMs }) }
    },
  }
}

const refuse = (reason: Refusal['reason'], description: string) => ({ refusal: { reason, description } })
