import { countOne, type RequestError } from './figures.ts'
import { retryDelay } from './load-policy.ts'
import type { MediaPlaylist } from './media/media-playlist.ts'
import type { PlayerContext } from './player-context.ts'
import type { TrackKind } from './playhead.ts'
import {
  type Directives,
  isLater,
  isSamePlace,
  isStale,
  nextDirectives,
  playlistQuery,
  reloadInterval,
  withQuery,
} from './playlist-progress.ts'
import type { PendingRequest, ViewerResponse } from './wire/client.ts'

export interface FollowerEvents {
  /** Called when a playlist has arrived that is whole, or has been merged with the one before. */
  onPlaylist(): void
  /**
   * Returns the distance from the live edge, s: of the playhead, or of the start of the playlist while the
   * playhead has no position.
   */
  distance(playlist: MediaPlaylist): number
  /**
   * Called when the playlist cannot be loaded. Changes to another variant; returns false when there is no
   * other.
   */
  leaveVariant(): boolean
  /** Called when the playlist cannot be loaded and no retry is left. */
  onLost(): void
}

/**
 * Follows the playlist of one rendition as hls.js does: by blocking reloads where the server offers them, or
 * after the duration of a segment. See `base-playlist-controller.ts` of hls.js.
 */
export class PlaylistFollower {
  readonly kind: TrackKind
  readonly #context: PlayerContext
  readonly #events: FollowerEvents
  #target: string
  #playlist: MediaPlaylist | undefined
  /** Delta update that could not be merged, until the next playlist. */
  #unmerged: MediaPlaylist | undefined
  #advancedAt = 0
  #misses = 0
  #tuneInGoal = 0
  #scheduledAt = 0
  #timer: NodeJS.Timeout | undefined
  #pending: PendingRequest | undefined
  #isClosed = false
  /** Whether delta updates are requested. The page does so only once its player is loaded. */
  asksForDeltas = true

  constructor(context: PlayerContext, kind: TrackKind, target: string, events: FollowerEvents) {
    this.#context = context
    this.kind = kind
    this.#target = target
    this.#events = events
  }

  get target(): string {
    return this.#target
  }
  /** The newest playlist; undefined before the first. */
  get playlist(): MediaPlaylist | undefined {
    return this.#playlist
  }
  /** Number of reloads since the playlist advanced last. */
  get misses(): number {
    return this.#misses
  }
  /** Returns the time since the playlist advanced, s; 0 before the first playlist. */
  ageAt(now: number): number {
    return this.#playlist === undefined ? 0 : Math.max(0, now - this.#advancedAt) / 1000
  }

  /** Requests the plain playlist, and follows it from then on. */
  start(): void {
    this.#load({})
  }

  /** Begins with a playlist that came another way. */
  startWith(playlist: MediaPlaylist, now: number): void {
    this.#accept(playlist, { firstByteAt: now, ageSeconds: 0 }, now)
  }

  /** Follows another playlist. Begins where the rendition report of the present one says. */
  switchTo(target: string): void {
    const report = this.#playlist?.reports.get(target)
    const { last, partTarget = 0, targetDuration = 0 } = this.#playlist ?? {}
    const age = this.ageAt(performance.now())
    this.#stop()
    this.#target = target
    this.#playlist = undefined
    this.#misses = 0
    if (report === undefined || last === undefined) {
      this.#load({})
      return
    }
    // hls.js treats a reported part 0 like a missing part number.
    const part = report.part || last.part
    const isOld = Math.min(age - partTarget, targetDuration) > partTarget
    const due = part >= 0 && this.#context.isLowLatency && isOld ? part + 1 : part
    this.#load({ msn: report.msn || last.msn, part: part >= 0 ? due : undefined })
  }

  close(): void {
    this.#isClosed = true
    this.#stop()
  }

  #stop() {
    clearTimeout(this.#timer)
    this.#pending?.abort()
    this.#pending = undefined
  }

  #load(directives: Directives) {
    clearTimeout(this.#timer)
    const { policies, requests } = this.#context
    const { part } = directives
    const query = playlistQuery(directives, this.#context.playlistParameter(this.kind))
    const limits = part === undefined ? policies.playlist : this.#blockingLimits()
    this.#pending = requests.send('playlist', withQuery(this.#target, query), limits, {
      onGood: (response, sentAt) => this.#onGood(directives, response, sentAt),
      onBad: (error) => this.#onBad(directives, error),
    })
  }

  /** Returns the limits of a reload that names a part. */
  #blockingLimits() {
    const { playlist: usual, blockingMs } = this.#context.policies
    if (this.#playlist === undefined || this.#playlist.partTarget === 0) return usual
    const ms = blockingMs(this.#playlist, usual.firstByteMs)
    return { firstByteMs: ms, totalMs: ms }
  }

  #onGood(directives: Directives, response: ViewerResponse, sentAt: number) {
    this.#pending = undefined
    const { record, figures } = this.#context
    const whole = record.playlists.read(this.#target, response.body, this.#playlist)
    if (whole === undefined) {
      countOne(figures.faults, 'torn')
      return this.#schedule({}, sentAt + 500 * (this.#playlist?.targetDuration ?? 2))
    }
    const read = whole.playlist
    if (!whole.isConsistent) countOne(figures.faults, 'wrong')
    if (read.skipped > 0) {
      this.#scheduledAt = performance.now()
      // hls.js remembers an audio playlist that it could not merge: the same version again is no advance.
      if (this.kind === 'audio') this.#unmerged = read
      return this.#load({ msn: directives.msn, part: directives.part })
    }
    if (isStale(read, directives, this.#playlist)) countOne(figures.faults, 'stale')
    this.#accept(read, response, sentAt)
  }

  #accept(
    playlist: MediaPlaylist,
    { firstByteAt, ageSeconds }: Pick<ViewerResponse, 'firstByteAt' | 'ageSeconds'>,
    sentAt: number,
  ) {
    const previous = this.#unmerged ?? this.#playlist
    this.#unmerged = undefined
    const isUpdated = previous === undefined || !isSamePlace(previous, playlist) || playlist.isEnded
    const isAdvanced = previous === undefined || isLater(playlist, previous)
    this.#misses = isUpdated || isAdvanced ? 0 : this.#misses + 1
    if (isAdvanced) this.#advancedAt = firstByteAt
    if (previous === undefined) this.#scheduledAt = sentAt
    this.#playlist = playlist
    if (this.kind === 'main') this.#context.errors.playlist = 0
    this.#continue(isAdvanced, isUpdated, { firstByteAt, ageSeconds })
    this.#events.onPlaylist()
  }

  /** Requests the next version of the playlist now, or schedules the request. */
  #continue(
    isAdvanced: boolean,
    isUpdated: boolean,
    { firstByteAt, ageSeconds }: Pick<ViewerResponse, 'firstByteAt' | 'ageSeconds'>,
  ) {
    const playlist = this.#playlist
    if (playlist === undefined || playlist.isEnded || this.#isClosed) return
    const now = performance.now()
    const intervalMs = reloadInterval(playlist, isUpdated, this.#events.distance(playlist))
    if (this.#scheduledAt + intervalMs < now) this.#scheduledAt = now
    else if (this.#scheduledAt <= now) this.#scheduledAt += intervalMs
    const skips = this.#skipsAt(now)
    if (!playlist.canBlock || !isAdvanced)
      return this.#schedule(playlist.canBlock || skips ? { skips } : {}, this.#scheduledAt)
    const { isLowLatency } = this.#context
    const atSegmentEnd = playlist.last.msn === playlist.endMsn
    const age = ageSeconds + this.ageAt(now)
    const next = nextDirectives(playlist, age, isLowLatency, this.#tuneInGoal)
    this.#tuneInGoal = next.goal
    const directives = { ...next.directives, skips }
    if (isLowLatency || !atSegmentEnd) {
      this.#scheduledAt = now
      return this.#load(directives)
    }
    const elapsedMs = now - firstByteAt
    this.#schedule(directives, firstByteAt + Math.max(intervalMs - 2 * elapsedMs, intervalMs / 2))
  }

  /** Whether a delta update may be requested (RFC 8216bis 6.3.7). */
  #skipsAt(now: number): boolean {
    const skipUntil = this.#playlist?.skipUntil ?? 0
    return this.asksForDeltas && skipUntil > 0 && this.ageAt(now) < skipUntil / 2
  }

  #schedule(directives: Directives, at: number) {
    clearTimeout(this.#timer)
    this.#scheduledAt = at
    const ms = at - performance.now()
    if (ms <= 0) return this.#load(directives)
    this.#timer = setTimeout(() => this.#load(directives), ms)
  }

  #onBad(directives: Directives, error: RequestError) {
    this.#pending = undefined
    const { errors, policies } = this.#context
    const isTimeout = error === 'timeout'
    const rule = isTimeout ? policies.playlist.timeout : policies.playlist.error
    const retries = errors.playlist++
    const isRetried = retries < rule.maxRetries && (isTimeout || (error !== 'connection' && error >= 500))
    if (!isRetried && this.kind === 'main' && this.#events.leaveVariant()) {
      errors.playlist = 0
      return
    }
    if (retries >= rule.maxRetries) return this.#events.onLost()
    const hadDirectives = directives.msn !== undefined || directives.skips
    if (isTimeout && hadDirectives) return this.#schedule({}, this.#scheduledAt)
    const delayMs = retryDelay(rule, retries)
    this.#timer = setTimeout(() => this.#schedule({}, this.#scheduledAt), delayMs)
  }
}
