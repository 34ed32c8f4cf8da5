import { readFragments } from '../../../bench/stand/track-fragments.ts'

/** Media that must be ahead of the playhead before it moves, s. */
const startBufferSeconds = 0.05
/** Largest gap between ranges that count as one, s. */
const joinSeconds = 0.01
const timeUpdateMs = 250

type Range = readonly [start: number, end: number]

/** Ranges of time with the interface `TimeRanges` of HTML. */
class Ranges {
  readonly #ranges: readonly Range[]
  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges
  }
  get length() {
    return this.#ranges.length
  }
  start(index: number) {
    return this.#ranges[index]?.[0] ?? Number.NaN
  }
  end(index: number) {
    return this.#ranges[index]?.[1] ?? Number.NaN
  }
}

/** A source buffer that knows the times of its media only. Appends need no time. */
class ModelSourceBuffer extends EventTarget {
  mode = 'segments'
  timestampOffset = 0
  appendWindowStart = 0
  appendWindowEnd = Number.POSITIVE_INFINITY
  updating = false
  ranges: Range[] = []
  #timescale = 1
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    super()
    this.#onChange = onChange
  }

  get buffered() {
    return new Ranges(this.ranges)
  }

  appendBuffer(data: Uint8Array) {
    this.#update(() => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      const header = bytes.indexOf('mdhd')
      if (header >= 0) this.#timescale = bytes.readUInt32BE(header + 16)
      for (const { decodeTime, samples } of readFragments(bytes)) {
        const last = samples.at(-1)
        const end = last === undefined ? decodeTime : last.dts + last.duration
        const seconds = (ticks: number) => ticks / this.#timescale + this.timestampOffset
        this.#add([seconds(decodeTime), seconds(end)])
      }
    })
  }

  remove(start: number, end: number) {
    this.#update(() => {
      this.ranges = this.ranges.flatMap(([from, to]): Range[] =>
        [[from, Math.min(to, start)] as const, [Math.max(from, end), to] as const].filter(
          ([first, second]) => first < second,
        ),
      )
    })
  }

  abort() {}
  changeType() {}

  #add([start, end]: Range) {
    const touches = ([from, to]: Range) => from <= end + joinSeconds && to >= start - joinSeconds
    const joined = this.ranges.filter(touches)
    const whole: Range = [
      Math.min(start, ...joined.map(([from]) => from)),
      Math.max(end, ...joined.map(([, to]) => to)),
    ]
    const others = this.ranges.filter((range) => !touches(range))
    this.ranges = [...others, whole].toSorted(([one], [other]) => one - other)
  }

  #update(change: () => void) {
    this.updating = true
    queueMicrotask(() => {
      change()
      this.updating = false
      this.#onChange()
      for (const type of ['update', 'updateend']) this.dispatchEvent(new Event(type))
    })
  }
}

/** A media source for `ModelMediaElement`. */
export class ModelMediaSource extends EventTarget {
  static isTypeSupported = () => true
  readyState = 'closed'
  duration = Number.NaN
  sourceBuffers: ModelSourceBuffer[] = []
  activeSourceBuffers = this.sourceBuffers
  onChange = () => {}

  addSourceBuffer() {
    const buffer = new ModelSourceBuffer(() => this.onChange())
    this.sourceBuffers.push(buffer)
    return buffer
  }
  removeSourceBuffer() {}
  setLiveSeekableRange() {}
  clearLiveSeekableRange() {}
  endOfStream() {}
  open() {
    this.readyState = 'open'
    this.dispatchEvent(new Event('sourceopen'))
  }
}

/**
 * A video element without decoders. It plays by itself as soon as there is media, in the time of
 * `performance.now()`, which a test may replace.
 */
export class ModelMediaElement extends EventTarget {
  paused = false
  ended = false
  seeking = false
  muted = false
  autoplay = true
  preload = 'auto'
  error = null
  defaultPlaybackRate = 1
  playbackRate = 1
  textTracks = Object.assign(new EventTarget(), { length: 0 })
  children: unknown[] = []
  played = new Ranges([])
  stalls = 0
  #source: ModelMediaSource | undefined
  #position = 0
  #since = performance.now()
  #isMoving = false
  #hasPlayed = false
  #dryTimer: NodeJS.Timeout | undefined
  readonly #updates = setInterval(() => this.dispatchEvent(new Event('timeupdate')), timeUpdateMs)

  attach(source: ModelMediaSource) {
    this.#source = source
    source.onChange = () => this.#follow()
    setTimeout(() => source.open(), 0)
  }

  src = ''
  get currentSrc() {
    return this.src
  }
  get duration() {
    return this.#source?.duration ?? Number.NaN
  }
  get readyState() {
    const { length } = this.buffered
    if (length === 0) return 0
    return this.#ahead() > startBufferSeconds ? 4 : 2
  }
  get currentTime() {
    if (!this.#isMoving) return this.#position
    return this.#position + ((performance.now() - this.#since) / 1000) * this.playbackRate
  }
  set currentTime(position: number) {
    this.#isMoving = false
    this.#position = position
    this.seeking = true
    this.dispatchEvent(new Event('seeking'))
    setTimeout(() => this.#follow(), 0)
  }
  /** Ranges of the media that all tracks have. */
  get buffered() {
    const [first, ...others] = this.#source?.sourceBuffers.map(({ ranges }) => ranges) ?? []
    const both = (one: readonly Range[], other: readonly Range[]) =>
      one.flatMap(([from, to]) =>
        other
          .map(([start, end]): Range => [Math.max(from, start), Math.min(to, end)])
          .filter(([start, end]) => start < end),
      )
    return new Ranges(others.reduce<readonly Range[]>(both, first ?? []))
  }

  play = async () => {}
  pause() {}
  load() {}
  canPlayType = () => 'probably'
  setAttribute() {}
  removeAttribute() {}
  getAttribute = () => null
  querySelectorAll = () => []
  getVideoPlaybackQuality = () => ({ totalVideoFrames: 0, droppedVideoFrames: 0 })

  close() {
    clearInterval(this.#updates)
    clearTimeout(this.#dryTimer)
  }

  #ahead(): number {
    const { buffered, currentTime } = this
    for (let index = 0; index < buffered.length; index++)
      if (buffered.start(index) <= currentTime + joinSeconds && currentTime < buffered.end(index))
        return buffered.end(index) - currentTime
    return 0
  }

  #follow() {
    const ahead = this.#ahead()
    if (ahead <= startBufferSeconds) return
    if (this.seeking) {
      this.seeking = false
      this.dispatchEvent(new Event('seeked'))
    }
    if (!this.#isMoving) {
      this.#since = performance.now()
      this.#isMoving = true
      this.#hasPlayed = true
      this.dispatchEvent(new Event('playing'))
    }
    clearTimeout(this.#dryTimer)
    this.#dryTimer = setTimeout(() => this.#runDry(), ahead * 1000)
  }

  #runDry() {
    if (!this.#isMoving) return
    const { currentTime } = this
    this.#isMoving = false
    this.#position = currentTime
    if (this.#hasPlayed) this.stalls++
    this.dispatchEvent(new Event('waiting'))
  }
}
