import { multivariantPath } from '../../core/playback/media-paths.ts'
import { noPage } from '../../core/playback/playback-token.ts'
import type { Channel } from '../store/channel-record.ts'
import type { IssueToken } from './token-issuer.ts'

/**
 * Lifetime of the watch page's token, ms. A viewer can keep watching while the manager is down for two thirds
 * of it.
 */
const lifeMs = 15 * 60_000

/** Time after which the page requests the next token, ms. */
const renewalMs = lifeMs / 3

/** What the watch page plays. */
export interface WatchPath {
  /** Path of the multivariant playlist, the same at every edge. */
  path: string
  /** Time after which the page must request another path, ms from now; null when this one stays valid. */
  renewAfterMs: number | null
}

/** A channel, as far as its path depends on it. */
export type WatchedChannel = Pick<Channel, 'id' | 'slug' | 'playback' | 'tokensRevokedUntil'>

export type WatchPathOf = ReturnType<typeof createWatchPaths>

/**
 * Returns a function that makes the path which the watch page of a channel plays. For a signed channel it
 * contains a short-lived token. When the page's URL is configured (`pageUrl`), the token plays on no other
 * page. Otherwise the page's origin would be whatever the client claims.
 */
export function createWatchPaths(issueToken: IssueToken, pageUrl: string | undefined) {
  const origins = pageUrl === undefined ? undefined : [new URL(pageUrl).origin, noPage]
  return (channel: WatchedChannel): WatchPath => {
    const { slug, playback } = channel
    if (playback === 'public') return { path: multivariantPath(slug), renewAfterMs: null }
    const { token } = issueToken(channel, lifeMs, { origins })
    return { path: multivariantPath(slug, token), renewAfterMs: renewalMs }
  }
}
