import { multivariantPath } from '../../core/playback/media-paths.ts'
import { noPage } from '../../core/playback/playback-token.ts'
import type { Channel } from '../store/channels.ts'
import type { TokenMaker } from './token-maker.ts'

/** Life of a token of the watch page, ms. A view outlives a manager that is away for two thirds of it. */
const lifeMs = 15 * 60_000

/** When the page asks for the next one, ms. */
const renewalMs = lifeMs / 3

/** What the watch page plays. */
export interface WatchPath {
  /** Of the multivariant playlist, at every edge. */
  path: string
  /** When another path is to be asked for, ms from now; null when this one stays good. */
  renewAfterMs: number | null
}

export type WatchPagePass = ReturnType<typeof createWatchPagePass>

/**
 * Gives the watch page its path: that of a signed channel has a short token in it. Where the page's own URL is set
 * (`pageUrl`), a token plays on no other page; otherwise the page's origin would be whatever the asker says.
 */
export function createWatchPagePass(makeToken: TokenMaker, pageUrl: string | undefined) {
  const origins = pageUrl === undefined ? undefined : [new URL(pageUrl).origin, noPage]
  return (channel: Pick<Channel, 'id' | 'slug' | 'playback' | 'tokensRevokedUntil'>): WatchPath => {
    const { slug, playback } = channel
    if (playback === 'public') return { path: multivariantPath(slug), renewAfterMs: null }
    const { token } = makeToken(channel, lifeMs, { origins })
    return { path: multivariantPath(slug, token), renewAfterMs: renewalMs }
  }
}
