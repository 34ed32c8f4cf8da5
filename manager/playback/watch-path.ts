import { multivariantPath } from '../../core/playback/media-paths.ts'
import { noPage } from '../../core/playback/playback-token.ts'
import type { Channel } from '../store/channel-record.ts'
import type { IssueToken } from './token-issuer.ts'

/**
 * Lifetime of the token in a watch page, ms. Pages renew it after a third of that, so viewers keep watching
 * if the manager is down for the other two thirds.
 */
const lifeMs = 15 * 60_000

const renewalMs = lifeMs / 3

export interface WatchPath {
  /** Path of the multivariant playlist, the same at every edge. */
  path: string
  /** Time after which the page must request another path, ms from now; null when this one stays valid. */
  renewAfterMs: number | null
}

export type WatchedChannel = Pick<Channel, 'id' | 'slug' | 'playback' | 'tokensRevokedUntil'>

export type WatchPathOf = ReturnType<typeof createWatchPaths>

/**
 * Returns a function that creates the path of the playlist for the watch page of a channel. For a signed
 * channel the path contains a short-lived token. If the operator set the page's URL (`pageUrl`), the token is
 * for pages of that origin and for players without a page. Otherwise it is for any page, because the manager
 * knows its own origin only from the client's Host header.
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
