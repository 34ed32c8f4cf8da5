import type { RequestError } from './figures.ts'
import { retryDelay, untilTick } from './load-policy.ts'
import type { ListedSegment, MediaPlaylist, Piece } from './media/media-playlist.ts'
import { MediaCheck } from './media-check.ts'
import { MediaCursor } from './media-cursor.ts'
import { followingPart, segmentOf } from './next-piece.ts'
import { PieceRequests } from './piece-requests.ts'
import type { PlayerContext } from './player-context.ts'
import type { TrackKind } from './playhead.ts'
import type { PlaylistFollower } from './playlist-follower.ts'
import type { ViewerResponse } from './wire/client.ts'

export interface MediaEvents {
  /** Returns the live position now, s; undefined before it is known. */
  startPosition(): number | undefined
  /** Position of the playhead, s; undefined before the first frame. */
  playhead(): number | undefined
  /** Whether it is known where the timeline begins, so that media can be loaded. */
  isAnchored(): boolean
  /**
   * Takes media. Returns whether it is buffered at once: the media of all tracks must have arrived, and sound
   * that is ahead of the picture waits until more of the picture has arrived.
   */
  onMedia(piece: Piece): boolean
  /** Called when a segment, or all of it that is listed, is buffered. */
  onBuffered(): void
  /** Called when the playlist does not list any more what continues the loaded media. */
  onWindowLeft(): void
  leaveVariant(): boolean
  onLost(): void
}

/**
 * Loads the media of one rendition as hls.js does: init segment, then parts one after another while the
 * playhead is near the live edge, otherwise whole segments. See `base-stream-controller.ts` of hls.js.
 */
export class MediaFollower {
  readonly kind: TrackKind
  readonly #context: PlayerContext
  readonly #playlists: PlaylistFollower
  readonly #events: MediaEvents
  readonly #cursor: MediaCursor
  readonly #check: MediaCheck
  readonly #requests: PieceRequests
  readonly #startedAt = performance.now()
  #state: 'idle' | 'loading' | 'retrying' | 'anchoring' | 'buffering' | 'closed' = 'idle'
  /** Whether loading waits for the next playlist. */
  #isWaiting = false
  #isSwitching = false
  #init: string | undefined
  #retryAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(context: PlayerContext, kind: TrackKind, playlists: PlaylistFollower, events: MediaEvents) {
    this.#context = context
    this.kind = kind
    this.#playlists = playlists
    this.#events = events
    this.#cursor = new MediaCursor(context.isLowLatency)
    this.#check = new MediaCheck(context)
    this.#requests = new PieceRequests(context)
  }

  /** Loads what is due. To be called when a playlist has arrived. */
  onPlaylist(): void {
    if (this.#isSwitching && this.#state === 'loading') this.#abort()
    if (this.#isSwitching) this.#cursor.changeVariant()
    this.#isSwitching = false
    this.#isWaiting = false
    if (this.#playlists.playlist !== undefined) this.#requests.onPlaylist(this.#playlists.playlist)
    this.#tick()
  }

  /** Continues after media that could not be buffered before. */
  onBuffered(): void {
    if (this.#state === 'buffering') this.#complete()
  }

  /** Loads what is due once it is known where the timeline begins. */
  onAnchor(): void {
    if (this.#state === 'anchoring' && !this.#cursor.loadsParts) this.#state = 'idle'
    if (this.#state === 'idle') this.#tick()
  }

  /** Takes media that came another way, such as in a start bundle. */
  take(piece: Piece, init: string | undefined, body: Buffer): void {
    this.#init = init
    this.#check.add(piece, init, body)
    this.#cursor.advance(piece)
    this.#events.onMedia(piece)
  }

  /** Loads nothing more of the present variant. The next playlist is that of another one. */
  holdForSwitch(): void {
    this.#isSwitching = true
    this.#isWaiting = true
  }

  /** Forgets what was loaded, so that loading begins at the live position again. */
  restart(): void {
    this.#abort()
    this.#cursor.restart()
    this.#check.forget()
    this.#isWaiting = false
  }

  close(): void {
    this.#abort()
    this.#requests.close()
    this.#state = 'closed'
  }

  #abort() {
    clearTimeout(this.#timer)
    this.#requests.drop()
    this.#state = 'idle'
  }

  #tick() {
    if (this.#state === 'anchoring') return this.#stopAnchoring()
    if (this.#state === 'retrying' && performance.now() >= this.#retryAt) {
      this.#state = 'idle'
      // hls.js loads sound only at the next tick.
      if (this.kind === 'audio') return this.#tickLater(1)
    }
    const { playlist, misses } = this.#playlists
    if (this.#state !== 'idle' || this.#isWaiting || playlist === undefined) return
    const age = this.#playlists.ageAt(performance.now())
    if (this.#cursor.mustWait(playlist, age, misses, this.#events.playhead())) {
      this.#isWaiting = true
      return
    }
    const piece = this.#cursor.next(playlist, () => this.#events.startPosition())
    if (piece === 'left') this.#events.onWindowLeft()
    else if (piece !== undefined && !this.#events.isAnchored()) this.#waitForAnchor()
    else if (piece !== undefined) this.#load(piece, playlist)
  }

  /** Ticks at the first regular time after `delayMs`. */
  #tickLater(delayMs: number) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tick(), untilTick(performance.now() - this.#startedAt, delayMs))
  }

  /** Waits for one tick and loads at the next, as hls.js does. */
  #waitForAnchor() {
    this.#state = 'anchoring'
    this.#tickLater(1)
  }

  #stopAnchoring() {
    this.#state = 'idle'
    this.#tickLater(1)
  }

  #load(piece: Piece, playlist: MediaPlaylist) {
    const segment = segmentOf(playlist, piece.msn)
    const init = segment?.init
    clearTimeout(this.#timer)
    this.#state = 'loading'
    this.#cursor.requested(piece)
    if (init === undefined || init === this.#init) return this.#request(piece, segment)
    this.#requests.init(init, {
      onGood: () => {
        this.#init = init
        if (piece.part !== undefined) this.#request(piece, segment)
      },
      onBad: () => this.#onNoInit(),
    })
    // A part is requested after the init segment, a whole segment together with it.
    if (piece.part === undefined) this.#request(piece, segment)
  }

  #request(piece: Piece, segment: ListedSegment | undefined) {
    this.#cursor.requested(piece)
    this.#requests.media(piece.target, {
      onGood: (response) => this.#onMedia(piece, segment, response),
      onBad: (error) => this.#onBad(error),
    })
  }

  #onMedia(piece: Piece, segment: ListedSegment | undefined, response: ViewerResponse) {
    this.#check.add(piece, segment?.init, response.body)
    this.#cursor.advance(piece)
    const { playlist } = this.#playlists
    const next = piece.part === undefined || !playlist ? undefined : followingPart(playlist, piece)
    if (next === undefined) this.#state = 'buffering'
    const isBuffered = this.#events.onMedia(piece)
    if (next !== undefined) this.#request(next, segment)
    else if (isBuffered) queueMicrotask(() => this.onBuffered())
  }

  /** Continues when a segment, or all of it that is listed, has been loaded and buffered. */
  #complete() {
    this.#state = 'idle'
    this.#events.onBuffered()
    if (this.kind === 'main') this.#context.errors.media = 0
    this.#cursor.complete(this.#playlists.playlist, this.#events.playhead())
    this.#tick()
  }

  /** Requests an init segment again at once, and counts its failure twice, as hls.js does. */
  #onNoInit() {
    this.#abort()
    const { errors, policies } = this.#context
    const retries = errors.media
    errors.media += 2
    if (retries >= policies.media.error.maxRetries) return this.#events.onLost()
    this.#timer = setTimeout(() => this.#tick(), 1)
  }

  #onBad(error: RequestError) {
    this.#abort()
    const { errors, policies } = this.#context
    const isTimeout = error === 'timeout'
    const rule = isTimeout ? policies.media.timeout : policies.media.error
    const retries = errors.media++
    const isRetried = retries < rule.maxRetries && (isTimeout || (error !== 'connection' && error >= 500))
    if (!isRetried && this.kind === 'main' && this.#events.leaveVariant()) return
    const { playlist } = this.#playlists
    const isBehind = playlist !== undefined && (this.#cursor.loaded?.msn ?? 0) < playlist.endMsn - 1
    if (!isRetried && isBehind) return this.#skip(playlist)
    if (retries >= rule.maxRetries) return this.#events.onLost()
    const delayMs = retryDelay(rule, retries)
    this.#state = 'retrying'
    this.#retryAt = performance.now() + delayMs
    this.#tickLater(delayMs)
  }

  /** Leaves out a piece that cannot be loaded. */
  #skip(playlist: MediaPlaylist) {
    this.#context.errors.media = 0
    const piece = this.#cursor.next(playlist, () => undefined)
    if (piece !== undefined && piece !== 'left') this.#cursor.advance(piece)
    this.#check.forget()
    this.#tick()
  }
}
