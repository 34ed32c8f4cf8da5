import { maxLatencySamples, type ViewerFigures } from './figures.ts'

export type TrackKind = 'main' | 'audio'

/** How a viewer keeps its distance from the live edge. Times are in seconds. */
export interface LatencySteering {
  /** Returns the playback rate. `excess`: distance from the live edge beyond the hold-back, s. */
  rate(excess: number): number
  /** Excess above which the playhead jumps to the hold-back. */
  jumpBeyond: number
}

/** hls.js plays at rate 1 by default and never jumps within its window. */
export const noSteering: LatencySteering = { rate: () => 1, jumpBeyond: Number.POSITIVE_INFINITY }

/**
 * Plays 5 % slower to 10 % faster, and jumps when the excess is over 3 s: roughly what the watch page does.
 */
export const pageSteering: LatencySteering = {
  rate: (excess) => (Math.abs(excess) < 0.03 ? 1 : Math.min(1.1, Math.max(0.95, 1 + 0.5 * excess))),
  jumpBeyond: 3,
}

export interface PlayheadOptions {
  kinds: readonly TrackKind[]
  figures: ViewerFigures
  steering: LatencySteering
  /** Returns the distance of a position from the live edge beyond the hold-back, s. */
  excessAt(position: number): number
  /** Returns the latency of a position, ms. */
  latencyAt(position: number): number
  onFirstFrame(): void
  onStall(): void
}

/**
 * Media that must be ahead of the playhead before it moves, s: more than a frame. After each stall it is
 * twice as much, up to a bound: browsers then wait for more, so that they do not stall at each part.
 */
const startBuffer = { seconds: 0.05, maxSeconds: 0.8 }
const sampleEveryMs = 1000
/** Minimum time between two jumps, ms. */
const jumpGapMs = 5000

/**
 * The playhead of one viewer with the buffers of its tracks. It moves while there is media, and stalls when a
 * buffer runs dry. It needs no regular tick: it acts when media is appended and when a buffer is due to run
 * dry.
 */
export class Playhead {
  readonly #options: PlayheadOptions
  readonly #ends = new Map<TrackKind, number>()
  #bufferEnd: number | undefined
  #position: number | undefined
  #since = 0
  #rate = 1
  #isAllowed = false
  #isMoving = false
  #neededSeconds = startBuffer.seconds
  #stalledAt: number | undefined
  #sampledAt = Number.NEGATIVE_INFINITY
  #jumpedAt = Number.NEGATIVE_INFINITY
  #dryTimer: NodeJS.Timeout | undefined

  constructor(options: PlayheadOptions) {
    this.#options = options
  }

  /** Whether the first frame has been shown. */
  get hasStarted(): boolean {
    return this.#isMoving || this.#stalledAt !== undefined
  }

  /** Returns the position, s; undefined before a start position is known. */
  positionAt(now: number): number | undefined {
    if (this.#position === undefined || !this.#isMoving) return this.#position
    return this.#position + ((now - this.#since) / 1000) * this.#rate
  }

  /** End of the media that can be played, s; undefined while a track has none. */
  get bufferEnd(): number | undefined {
    return this.#bufferEnd
  }

  /** Returns the length of the media ahead of the playhead, s. */
  bufferAt(now: number): number {
    return Math.max(0, (this.bufferEnd ?? 0) - (this.positionAt(now) ?? 0))
  }

  /** Lets playback begin as soon as there is media. hls.js begins when the first segment is buffered. */
  allow(now: number): void {
    if (this.#isAllowed) return
    this.#isAllowed = true
    this.#follow(now)
  }

  /** Sets where playback begins, s. Has no effect after the first frame. */
  startAt(position: number): void {
    if (!this.hasStarted) this.#position = position
  }

  /** Adds media from `start` to `end`, s, to the buffer of a track. */
  append(kind: TrackKind, start: number, end: number, now: number): void {
    const before = this.#ends.get(kind)
    // Playback continues at media that follows a gap and begins after the playhead.
    const isGap = before === undefined || start > before + 0.5
    if (isGap && this.hasStarted && start > (this.positionAt(now) ?? 0)) this.#moveTo(start, now)
    if (isGap && !this.hasStarted && start > (this.#position ?? 0)) this.#position = start
    this.#ends.set(kind, Math.max(before ?? end, end))
    if (this.#ends.size === this.#options.kinds.length) this.#bufferEnd = Math.min(...this.#ends.values())
    this.#follow(now)
  }

  /** Forgets the media of all tracks and continues at a position, s. */
  seek(position: number, now: number): void {
    this.#ends.clear()
    this.#bufferEnd = undefined
    this.#moveTo(position, now)
    if (this.#isMoving) this.#stall(now)
  }

  /** Adds the time of the present play or stall to the figures, and stops. Must be called once. */
  close(now: number): void {
    clearTimeout(this.#dryTimer)
    const { figures } = this.#options
    if (this.#isMoving) figures.playedMs += now - this.#since
    if (this.#stalledAt !== undefined) figures.stalledMs += now - this.#stalledAt
    this.#isMoving = false
    this.#stalledAt = undefined
  }

  #moveTo(position: number, now: number) {
    if (this.#isMoving) this.#options.figures.playedMs += now - this.#since
    this.#position = position
    this.#since = now
  }

  /** Records the present position, before the rate or the state changes. */
  #settle(now: number) {
    const position = this.positionAt(now)
    if (position !== undefined) this.#moveTo(position, now)
  }

  #follow(now: number) {
    const end = this.bufferEnd
    const position = this.positionAt(now)
    if (end === undefined || position === undefined) return
    if (!this.#isMoving) {
      if (this.#isAllowed && end - position > this.#neededSeconds) this.#play(now)
      return
    }
    this.#steer(position, end, now)
    if (now - this.#sampledAt < sampleEveryMs) return
    this.#sampledAt = now
    const { latenciesMs } = this.#options.figures
    latenciesMs.push(this.#options.latencyAt(position))
    if (latenciesMs.length > maxLatencySamples) latenciesMs.shift()
  }

  #steer(position: number, end: number, now: number) {
    const { steering } = this.#options
    const excess = this.#options.excessAt(position)
    if (excess > steering.jumpBeyond && position + excess < end && now - this.#jumpedAt > jumpGapMs) {
      this.#jumpedAt = now
      return this.#moveTo(position + excess, now)
    }
    const rate = Math.round(steering.rate(excess) * 100) / 100
    if (rate === this.#rate) return
    this.#settle(now)
    this.#rate = rate
  }

  #play(now: number) {
    const { figures } = this.#options
    const isFirst = this.#stalledAt === undefined && !this.#isMoving
    if (this.#stalledAt !== undefined) figures.stalledMs += now - this.#stalledAt
    this.#stalledAt = undefined
    this.#since = now
    this.#isMoving = true
    figures.phase = 'playing'
    this.#armDryTimer(now)
    if (isFirst) this.#options.onFirstFrame()
  }

  #stall(now: number) {
    this.#settle(now)
    this.#isMoving = false
    this.#rate = 1
    this.#stalledAt = now
    this.#neededSeconds = Math.min(startBuffer.maxSeconds, this.#neededSeconds * 2)
    const { figures } = this.#options
    figures.stalls++
    figures.phase = 'stalled'
    this.#options.onStall()
  }

  #armDryTimer(now: number) {
    clearTimeout(this.#dryTimer)
    this.#dryTimer = setTimeout(() => this.#onDryTimer(), (this.bufferAt(now) * 1000) / this.#rate + 1)
  }

  #onDryTimer() {
    if (!this.#isMoving) return
    const now = performance.now()
    if (this.bufferAt(now) > 0) this.#armDryTimer(now)
    else this.#stall(now)
  }
}
