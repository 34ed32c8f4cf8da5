import type { RequestError } from './figures.ts'
import { retryDelay } from './load-policy.ts'
import type { ListedSegment, MediaPlaylist, Piece } from './media/media-playlist.ts'
import { MediaCheck } from './media-check.ts'
import { isStalePlaylist, nextPiece, partsAreSafe, segmentOf, startPiece } from './next-piece.ts'
import type { PlayerContext } from './player-context.ts'
import type { TrackKind } from './playhead.ts'
import type { PlaylistFollower } from './playlist-follower.ts'
import type { PendingRequest, ViewerResponse } from './wire/client.ts'

export interface MediaEvents {
  /** Position at which playback begins, s; undefined before it is known. */
  startPosition(playlist: MediaPlaylist): number | undefined
  /** Position of the playhead, s; undefined before the first frame. */
  playhead(): number | undefined
  onMedia(piece: Piece): void
  /** Nothing in the playlist continues what is loaded. */
  onWindowLeft(): void
  leaveVariant(): boolean
  onLost(): void
}

/** Time between two checks of hls.js whether a retry is due, ms. */
const tickMs = 100

/**
 * Loads the media of one rendition as hls.js does: init segment, then parts one after another while the
 * playhead is near the live edge, otherwise whole segments. See `base-stream-controller.ts` of hls.js.
 */
export class MediaFollower {
  readonly kind: TrackKind
  readonly #context: PlayerContext
  readonly #playlists: PlaylistFollower
  readonly #events: MediaEvents
  readonly #startedAt = performance.now()
  #state: 'idle' | 'loading' | 'retrying' | 'closed' = 'idle'
  #isWaiting = false
  #isSwitching = false
  /** Where the media of another variant has to begin, s. */
  #resumeAt: number | undefined
  #loadsParts: boolean
  /** The newest piece that was loaded, and the end of the media. */
  #loaded: Piece | undefined
  #requestedEnd = 0
  readonly #check: MediaCheck
  #init: string | undefined
  #pending: PendingRequest[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(context: PlayerContext, kind: TrackKind, playlists: PlaylistFollower, events: MediaEvents) {
    this.#context = context
    this.kind = kind
    this.#playlists = playlists
    this.#events = events
    this.#loadsParts = context.isLowLatency
    this.#check = new MediaCheck(context)
  }

  /** Loads what is due. To be called when a playlist has arrived. */
  onPlaylist(): void {
    if (this.#isSwitching && this.#state === 'loading') this.abort()
    if (this.#isSwitching && this.#loaded !== undefined) this.#resumeAt = this.#loaded.end
    this.#isSwitching = false
    this.#isWaiting = false
    this.#tick()
  }

  /** Takes media that came another way, such as in a start bundle. */
  take(piece: Piece, init: string | undefined): void {
    this.#init = init
    this.#loaded = piece
    this.#requestedEnd = piece.end
    this.#events.onMedia(piece)
  }

  /** Gives up what is being loaded. Continues with the next playlist. */
  abort(): void {
    this.#drop()
    this.#state = 'idle'
    this.#isWaiting = true
  }

  /** Loads nothing more of the present variant. The next playlist is that of another one. */
  holdForSwitch(): void {
    this.#isSwitching = true
    this.#isWaiting = true
  }

  /** Forgets what was loaded, so that loading begins at the start position again. */
  restart(): void {
    this.abort()
    this.#loaded = undefined
    this.#resumeAt = undefined
    this.#check.forget()
    this.#isWaiting = false
  }

  close(): void {
    this.#drop()
    this.#state = 'closed'
  }

  #drop() {
    clearTimeout(this.#timer)
    for (const each of this.#pending) each.abort()
    this.#pending = []
  }

  #tick() {
    const playlist = this.#playlists.playlist
    if (this.#state !== 'idle' || this.#isWaiting || playlist === undefined) return
    if (this.#mustWait(playlist)) {
      this.#isWaiting = true
      this.#loadsParts = this.#context.isLowLatency
      return
    }
    const piece = this.#pick(playlist)
    if (piece === 'left') this.#events.onWindowLeft()
    else if (piece !== undefined) this.#load(piece, playlist)
  }

  /** Whether nothing is loaded before the playlist advances (`waitForLive` of hls.js). */
  #mustWait(playlist: MediaPlaylist): boolean {
    if (playlist.isEnded || this.#playlists.misses >= 3) return false
    const age = this.#playlists.ageAt(performance.now())
    if (isStalePlaylist(playlist, age, this.#loadsParts)) return true
    const position = this.#events.playhead() ?? (this.#loaded === undefined ? undefined : this.#requestedEnd)
    return position !== undefined && playlist.edge <= position
  }

  #pick(playlist: MediaPlaylist): Piece | 'left' | undefined {
    const { isLowLatency } = this.#context
    if (this.#loaded !== undefined && this.#resumeAt === undefined)
      return nextPiece(playlist, this.#loaded, this.#loadsParts)
    const position = this.#resumeAt ?? this.#events.startPosition(playlist)
    if (position === undefined) return undefined
    this.#loadsParts = isLowLatency && playlist.parts.length > 0
    const piece = startPiece(playlist, position, this.#loadsParts)
    this.#loadsParts = piece?.part !== undefined
    return piece
  }

  #load(piece: Piece, playlist: MediaPlaylist) {
    const segment = segmentOf(playlist, piece.msn)
    this.#state = 'loading'
    this.#requestedEnd = piece.end
    const init = segment?.init
    if (init === undefined || init === this.#init) return this.#request(piece, segment)
    const isSideBySide = piece.part === undefined
    this.#send('init', init, () => {
      this.#init = init
      if (!isSideBySide) this.#request(piece, segment)
    })
    if (isSideBySide) this.#request(piece, segment)
  }

  #request(piece: Piece, segment: ListedSegment | undefined) {
    this.#requestedEnd = piece.end
    this.#send('media', piece.target, (response) => this.#onMedia(piece, segment, response))
  }

  #send(kind: 'init' | 'media', target: string, onGood: (response: ViewerResponse) => void) {
    const { requests, policies } = this.#context
    const sent: PendingRequest = requests.send(kind, target, policies.media, {
      onGood: (response) => {
        this.#pending = this.#pending.filter((each) => each !== sent)
        onGood(response)
      },
      onBad: (error) => this.#onBad(error),
    })
    this.#pending.push(sent)
  }

  #onMedia(piece: Piece, segment: ListedSegment | undefined, response: ViewerResponse) {
    this.#check.add(piece, segment?.init, response.body)
    this.#loaded = piece
    this.#resumeAt = undefined
    const playlist = this.#playlists.playlist
    const next = piece.part === undefined || !playlist ? undefined : followingPart(playlist, piece)
    if (next !== undefined) this.#request(next, segment)
    else this.#state = 'idle'
    this.#events.onMedia(piece)
    if (next !== undefined || this.#state !== 'idle') return
    this.#context.errors.media = 0
    if (playlist !== undefined)
      this.#loadsParts =
        this.#context.isLowLatency &&
        (piece.msn > playlist.endMsn || partsAreSafe(playlist, piece.end, this.#events.playhead()))
    this.#tick()
  }

  #onBad(error: RequestError) {
    this.#drop()
    const { errors, policies } = this.#context
    const isTimeout = error === 'timeout'
    const rule = isTimeout ? policies.media.timeout : policies.media.error
    const retries = errors.media++
    const isRetried = retries < rule.maxRetries && (isTimeout || (error !== 'connection' && error >= 500))
    if (!isRetried && this.kind === 'main' && this.#events.leaveVariant()) {
      this.#state = 'idle'
      this.#isWaiting = true
      return
    }
    const playlist = this.#playlists.playlist
    const isBehind = playlist !== undefined && (this.#loaded?.msn ?? 0) < playlist.endMsn - 1
    if (!isRetried && isBehind) return this.#skip(playlist)
    if (retries >= rule.maxRetries) return this.#events.onLost()
    this.#state = 'retrying'
    this.#timer = setTimeout(
      () => {
        this.#state = 'idle'
        this.#tick()
      },
      this.#untilTick(retryDelay(rule, retries)),
    )
  }

  /** Leaves out a piece that cannot be loaded. */
  #skip(playlist: MediaPlaylist) {
    this.#context.errors.media = 0
    this.#state = 'idle'
    const piece = this.#pick(playlist)
    if (piece !== undefined && piece !== 'left') this.#loaded = piece
    this.#check.forget()
    this.#tick()
  }

  /** Returns the time to the first tick after a delay, ms. */
  #untilTick(delayMs: number): number {
    const sinceStart = performance.now() - this.#startedAt
    return Math.ceil((sinceStart + delayMs) / tickMs) * tickMs - sinceStart
  }
}

/** Returns the next listed part of the same segment. */
const followingPart = ({ parts }: MediaPlaylist, { msn, part }: Piece) =>
  parts.find((each) => each.msn === msn && each.part === (part ?? 0) + 1)
