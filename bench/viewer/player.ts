import type { MediaPlaylist } from './media/media-playlist.ts'
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
  /** The player gives up. */
  onLost(): void
  /** The show is over. */
  onEnded(): void
}

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
  /** Variants that failed since media arrived last. */
  readonly #failed = new Set<number>()
  #level: number
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

  /** Requests the playlists. To be called once, unless the followers begin with what came another way. */
  start(): void {
    for (const { playlists } of this.#tracks.values()) playlists.start()
  }

  /** Returns the latency to live at a position, ms: by the clock if the playlists have dates. */
  latencyAt(position: number): number {
    const isDated = this.#tracks.get('main')?.playlists.playlist?.isDated
    return isDated ? Date.now() - position * 1000 : this.#distanceAt(position) * 1000
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
      leaveVariant,
      onLost,
    })
    const media: MediaFollower = new MediaFollower(this.#context, kind, playlists, {
      startPosition: (playlist) => this.#startPosition(kind, playlist),
      playhead: () => (this.playhead.hasStarted ? this.playhead.positionAt(performance.now()) : undefined),
      onMedia: ({ start, end }) => {
        if (kind === 'main') this.#failed.clear()
        this.playhead.append(kind, start, end, performance.now())
      },
      onWindowLeft: () => this.#returnToLive(),
      leaveVariant,
      onLost,
    })
    this.#tracks.set(kind, { playlists, media })
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

  #startPosition(kind: TrackKind, playlist: MediaPlaylist): number | undefined {
    const now = performance.now()
    const known = this.playhead.positionAt(now)
    if (known !== undefined && known >= playlist.start) return known
    const age = this.#tracks.get(kind)?.playlists.ageAt(now) ?? 0
    const position = livePosition(playlist, age, this.#context.isLowLatency)
    this.playhead.startAt(position)
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
