import { isPlaylist, type ObjectClass } from './playback-request.ts'

/** How long a response may be used, ms from when the origin made it. */
export interface Lifetime {
  /** Time for which the response is sent without asking the origin again. */
  freshMs: number
  /** Time for which the response is still sent to other viewers while one request refreshes it. */
  whileRefreshingMs: number
  /** Time for which the response is still sent when its refresh fails. */
  whenFailingMs: number
}

const none: Lifetime = { freshMs: 0, whileRefreshingMs: 0, whenFailingMs: 0 }
const forEver: Lifetime = { freshMs: Infinity, whileRefreshingMs: Infinity, whenFailingMs: Infinity }
/** Maximum time that a playlist is fresh, whatever the origin says, ms. */
const maxPlaylistMs = 60_000
/** Time that a start bundle is fresh, ms. Short, because each new part makes a newer bundle. */
const startFreshMs = 250

/**
 * Returns the lifetime of a 200 response: none when Cache-Control has `no-store` or `private`. Media never
 * changes, so it stays fresh. A playlist or a picture may be sent expired for a while, so that viewers do not
 * wait for a refresh and can play on while the origin fails. The response to a blocking reload may not,
 * because it would list nothing that the player does not have.
 */
export function lifetimeOf(kind: ObjectClass, cacheControl: string | undefined): Lifetime {
  const control = cacheControl ?? ''
  if (/\b(?:no-store|private)\b/.test(control)) return none
  if (kind === 'start') return { ...none, freshMs: startFreshMs }
  if (!isPlaylist(kind) && kind !== 'picture') return forEver
  const seconds = /\bs-maxage=(\d{1,9})/.exec(control) ?? /\bmax-age=(\d{1,9})/.exec(control)
  const freshMs = Math.min(Number(seconds?.[1] ?? 0) * 1000, maxPlaylistMs)
  if (kind === 'held_playlist') return { freshMs, whileRefreshingMs: freshMs, whenFailingMs: freshMs }
  return { freshMs, whileRefreshingMs: 2 * freshMs, whenFailingMs: 4 * freshMs }
}

/**
 * Returns Cache-Control for a playlist that answers a blocking reload, from that of the origin. Caches on the
 * way may keep it as long as the origin says, but a browser may not: video.js repeats a reload when a segment
 * ends, and needs a newer playlist then.
 */
export const heldControl = (control: string): string =>
  control.includes('s-maxage=') ? control : control.replace(/\bmax-age=(\d+)/, 's-maxage=$1, max-age=0')

/** Returns Cache-Control for a playlist without directives: `control` with `max-age` as the only lifetime. */
export const plainControl = (control: string, seconds: number): string =>
  control.replace(/\bs-maxage=\d+, */, '').replace(/\bmax-age=\d+/, `max-age=${seconds}`)
