import type { Piece } from './media/media-playlist.ts'
import type { Variant } from './media/multivariant.ts'
import { MediaFollower } from './media-follower.ts'
import { holdBackOf, livePosition } from './next-piece.ts'
import type { PlayerContext } from './player-context.ts'
import { type LatencySteering, Playhead, type TrackKind } from './playhead.ts'
import { PlaylistFollower } from './playlist-follower.ts'

export interface PlayerOptions {
  variants: readonly Variant[]
  /** Index of the variant to begin with. */
  level: number
  steering: LatencySteering
  onFirstFrame(): void
  onStall(): void
  /** Called when the player gives up. */
  onLost(): void
  /** Called when the playlist of the picture has ended. */
  onEnded(): void
}

/** hls.js buffers a piece of sound only when the picture is buffered up to this share of the piece. */
const overlapShare = 0.05

interface Track {
  playlists: PlaylistFollower
  media: MediaFollower
}

/** Plays one channel as an instance of hls.js does, until it is closed or gives up. */
export class Player {
  readonly playhead: Playhead
  readonly #context: PlayerContext
  readonly #options: PlayerOptions
  readonly #tracks = new Map<TrackKind, Track>()
  /** Indexes of the variants that failed since video arrived last. */
  readonly #failed = new Set<number>()
  /** Times that the picture must reach before pieces of sound are buffered, s. */
  readonly #blocked: number[] = []
  #level: number
  /** End of the newest media of each track, s. */
  readonly #ends = new Map<TrackKind, number>()
  #isClosed = false

  constructor(context: PlayerContext, options: PlayerOptions) {
    this.#context = context
    this.#options = options
    this.#level = options.level
    const variant = options.variants[options.level]
    this.playhead = new Playhead({
      kinds: variant?.audio === undefined ? ['main'] : ['main', 'audio'],
      figures: context.figures,
      steering: options.steering,
      excessAt: (position) => this.#excessAt(position),
      latencyAt: (position) => this.latencyAt(position),
      onFirstFrame: options.onFirstFrame,
      onStall: options.onStall,
    })
    if (variant !== undefined) this.#open('main', variant.target)
    if (variant?.audio !== undefined) this.#open('audio', variant.audio)
  }

  /** Index of the present variant. */
  get level(): number {
    return this.#level
  }

  /** Both followers of a track; undefined when the channel has no such track. */
  track(kind: TrackKind): Track | undefined {
    return this.#tracks.get(kind)
  }

  /** Requests the playlists. To be called once, unless the followers begin with a start bundle. */
  start(): void {
    for (const { playlists } of this.#tracks.values()) playlists.start()
  }

  /**
   * Returns the latency of a position, ms: by the clock if the playlists have dates, otherwise its distance
   * from the live edge.
   */
  latencyAt(position: number): number {
    const { zero } = this.#context.record
    return zero === undefined ? this.#distanceAt(position) * 1000 : Date.now() - zero - position * 1000
  }

  /** Loads another variant from the next media on. */
  switchTo(next: number): void {
    const target = this.#options.variants[next]?.target
    const track = this.#tracks.get('main')
    if (target === undefined || next === this.#level || track === undefined || this.#isClosed) return
    this.#level = next
    this.#context.figures.switches++
    track.media.holdForSwitch()
    track.playlists.switchTo(target)
  }

  /** Ends all requests. Has no effect when the player has been closed. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { playlists, media } of this.#tracks.values()) {
      playlists.close()
      media.close()
    }
    this.playhead.close(performance.now())
  }

  #open(kind: TrackKind, target: string) {
    const leaveVariant = kind === 'main' ? () => this.#leaveVariant() : () => false
    const onLost = () => this.#lose()
    const playlists: PlaylistFollower = new PlaylistFollower(this.#context, kind, target, {
      onPlaylist: () => {
        media.onPlaylist()
        if (playlists.playlist?.isEnded && kind === 'main') this.#options.onEnded()
      },
      distance: ({ edge, start }) => edge - (this.playhead.positionAt(performance.now()) ?? start),
      leaveVariant,
      onLost,
    })
    const media: MediaFollower = new MediaFollower(this.#context, kind, playlists, {
      startPosition: () => this.#startPosition(kind),
      playhead: () => (this.playhead.hasStarted ? this.playhead.positionAt(performance.now()) : undefined),
      isAnchored: () => kind === 'main' || this.#ends.has('main'),
      onMedia: (piece) => this.#onMedia(kind, piece),
      onBuffered: () => this.playhead.allow(performance.now()),
      onWindowLeft: () => this.#returnToLive(),
      leaveVariant,
      onLost,
    })
    this.#tracks.set(kind, { playlists, media })
  }

  /** Takes media. Returns whether it is buffered at once. */
  #onMedia(kind: TrackKind, { start, end }: Piece): boolean {
    const isFirst = !this.#ends.has(kind)
    const mainEnd = this.#ends.get('main') ?? 0
    this.#ends.set(kind, end)
    this.playhead.append(kind, start, end, performance.now())
    if (kind === 'main') this.#failed.clear()
    // The first video shows where the timeline begins. hls.js holds the sound until then.
    if (kind === 'main' && isFirst) this.#tracks.get('audio')?.media.onAnchor()
    if (this.#ends.size < this.#tracks.size) return false
    if (isFirst) this.#release(kind)
    else if (kind === 'main' && this.#unblockSound(end)) this.#release(kind)
    const overlap = start + (end - start) * overlapShare
    if (kind === 'main' || isFirst || mainEnd >= overlap) return this.#blocked.length === 0 || kind === 'main'
    this.#blocked.push(overlap)
    return false
  }

  /** Lets the other track continue after media that could not be buffered before. */
  #release(kind: TrackKind) {
    queueMicrotask(() => {
      for (const [other, { media }] of this.#tracks) if (other !== kind) media.onBuffered()
    })
  }

  /**
   * Buffers one piece of blocked sound, and all that the picture has reached. Returns whether no sound is
   * blocked any more.
   */
  #unblockSound(mainEnd: number): boolean {
    this.#blocked.shift()
    while ((this.#blocked[0] ?? Number.POSITIVE_INFINITY) < mainEnd) this.#blocked.shift()
    return this.#blocked.length === 0
  }

  /** Returns the distance of a position from the live edge, s. */
  #distanceAt(position: number): number {
    const playlists = this.#tracks.get('main')?.playlists
    if (playlists?.playlist === undefined) return 0
    return playlists.playlist.edge + playlists.ageAt(performance.now()) - position
  }

  #excessAt(position: number): number {
    const playlist = this.#tracks.get('main')?.playlists.playlist
    if (playlist === undefined) return 0
    return this.#distanceAt(position) - holdBackOf(playlist, this.#context.isLowLatency)
  }

  /** Returns the live position, s. Playback begins there if `kind` is the track with the picture. */
  #startPosition(kind: TrackKind): number | undefined {
    const playlists = this.#tracks.get('main')?.playlists
    if (playlists?.playlist === undefined) return undefined
    const age = playlists.ageAt(performance.now())
    const position = livePosition(playlists.playlist, age, this.#context.isLowLatency)
    if (kind === 'main') this.playhead.startAt(position)
    return position
  }

  /** Continues at the live position when the window has moved beyond what was loaded. */
  #returnToLive() {
    const playlists = this.#tracks.get('main')?.playlists
    if (playlists?.playlist === undefined) return
    const now = performance.now()
    const position = livePosition(playlists.playlist, playlists.ageAt(now), this.#context.isLowLatency)
    this.playhead.seek(position, now)
    for (const { media } of this.#tracks.values()) media.restart()
    for (const { media } of this.#tracks.values()) media.onPlaylist()
  }

  /**
   * Continues with another variant after errors, as hls.js does: the next lower one; the highest comes after
   * the lowest. Returns false when all have failed.
   */
  #leaveVariant(): boolean {
    const { length } = this.#options.variants
    this.#failed.add(this.#level)
    const next = Array.from({ length }, (_, step) => (this.#level - step + length) % length).find(
      (candidate) => !this.#failed.has(candidate),
    )
    if (next === undefined) return false
    this.switchTo(next)
    return true
  }

  #lose() {
    if (this.#isClosed) return
    this.close()
    this.#options.onLost()
  }
}
