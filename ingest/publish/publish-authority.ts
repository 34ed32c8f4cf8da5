import { newSessionId } from '../../core/contracts/ids.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import type { StopRequests } from '../../core/contracts/stop-requests.ts'
import type { Log } from '../../core/process/log.ts'
import type { Claims } from './claims.ts'
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
   * Opens a session, or returns why the publisher is refused. A key that cannot be checked is a refusal too.
   */
  authorize(request: PublishRequest): Promise<{ session: PublishedSession } | { refusal: Refusal }>
}

/** A publish whose key is valid and whose channel is claimed. */
export interface GrantedPublish {
  sessionId: string
  grant: ChannelGrant
  request: PublishRequest
  /** Longest GOP of the channel's last session, ms; null when it is unknown. */
  expectedGopMs: number | null
}

interface SessionHost {
  readonly isClosing: boolean
  open(publish: GrantedPublish): PublishedSession
  has(sessionId: string): boolean
  ofChannel(channelId: string): readonly PublishedSession[]
}

export interface PublishAuthorityDependencies {
  grants: Pick<Grants, 'lookUp'>
  claims: Pick<Claims, 'acquire'>
  registry: Pick<LiveRegistry, 'rememberedGop' | 'sessions'>
  stopRequests: Pick<StopRequests, 'request'>
  sessions: SessionHost
  log: Log
}

const takenOver = { reason: 'taken_over', detail: 'Another publisher took the channel over.' } as const

/**
 * Creates the authority that accepts publishers by their stream key. While Redis is up, a channel has one
 * session at a time over all ingests.
 */
export function createPublishAuthority(dependencies: PublishAuthorityDependencies): PublishAuthority {
  const { grants, claims, registry, stopRequests, sessions, log } = dependencies

  function endPrevious(channelId: string, sessionId: string) {
    for (const previous of sessions.ofChannel(channelId)) previous.end(takenOver.reason, takenOver.detail)
    // When the stop request fails, the other ingest notices the takeover with its next heartbeat.
    requestStops(channelId, sessionId).catch((error) => log.debug({ err: error }, 'stop request failed'))
  }

  async function requestStops(channelId: string, sessionId: string) {
    for (const { sessionId: other, channelId: otherChannel } of await registry.sessions())
      if (otherChannel === channelId && other !== sessionId && !sessions.has(other))
        await stopRequests.request({ sessionId: other, ...takenOver })
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
      if (!(await claims.acquire(grant, sessionId)))
        return refuse('channel_busy', 'Another encoder is already publishing to this channel.')
      if (takeover) endPrevious(channelId, sessionId)
      return { session: sessions.open({ sessionId, grant, request, expectedGopMs: await expectedGop }) }
    },
  }
}

const refuse = (reason: Refusal['reason'], description: string) => ({ refusal: { reason, description } })
