import { startUri } from '../../core/playback/media-paths.ts'
import { type LeaveReason, newFigures, type RequestError, type ViewerFigures } from './figures.ts'
import { joinByBundle } from './join-by-bundle.ts'
import { pagePolicies, plainPolicies, retryDelay } from './load-policy.ts'
import { readVariants, type Variant } from './media/multivariant.ts'
import { Player } from './player.ts'
import { noSteering, pageSteering } from './playhead.ts'
import { createReports, type Reports } from './reports.ts'
import { createRequests, type Requests } from './requests.ts'
import type { Viewer, ViewerDependencies, ViewerOptions } from './viewer-options.ts'
import type { ViewerConnections } from './wire/client.ts'

/** Share of the estimated bandwidth that the first variant may take, and the usual estimate, bits/s. */
const bandwidthShare = 0.7
const usualBandwidth = 5_000_000
/** Start bundle that the page requests on a good network: bitrate, kbit/s, and distance, s. */
const usualStart = [3000, 0] as const
/** Time without a picture within which all viewers stay, ms, and the share that then leaves per second. */
const patienceMs = 2000
const leaveShare = 0.058
/**
 * Bounds of the random time after which a viewer of kind `plain` whose player has given up starts again, ms.
 */
const reloadMs = { min: 2000, max: 5000 }
/**
 * Waits of the watch page, ms: from `first`, doubling, to `max` after losses; `notLive` before the channel is
 * live.
 */
const probeMs = { first: 500, max: 5000, notLive: 2000, full: 5000 }
const usualPlayerLoadMs = 400

/** One viewer: joins, plays, joins again after a loss, and leaves. */
class SimulatedViewer implements Viewer {
  readonly figures: ViewerFigures = newFigures()
  readonly #dependencies: ViewerDependencies
  readonly #options: ViewerOptions
  readonly #isPage: boolean
  readonly #random: () => number
  readonly #connections: ViewerConnections
  readonly #requests: Requests
  readonly #reports: Reports
  readonly #timers = new Set<NodeJS.Timeout>()
  #variants: Variant[] = []
  #player: Player | undefined
  #startedAt = 0
  #lossesInRow = 0

  constructor(dependencies: ViewerDependencies, options: ViewerOptions) {
    this.#dependencies = dependencies
    this.#options = options
    this.#isPage = options.kind === 'page'
    this.#random = options.random ?? Math.random
    this.#connections = dependencies.connect(() => void this.figures.drops++)
    this.#requests = createRequests(this.#connections, this.figures, dependencies)
    this.#reports = createReports(options.viewerId, this.figures, () => ({
      bufferSeconds: this.bufferSeconds(),
      bitrate: this.#variants[this.#player?.level ?? 0]?.bandwidth,
      latencyMs: this.latencyMs(),
    }))
  }

  start(): void {
    const { path, isLowLatency, playerLoadMs = usualPlayerLoadMs } = this.#options
    this.#startedAt = performance.now()
    this.#limitPatience()
    if (!this.#isPage || !isLowLatency) {
      this.#requestMultivariant(0)
      return
    }
    joinByBundle({
      requests: this.#requests,
      record: this.#dependencies.record,
      path,
      target: path.slice(0, path.lastIndexOf('/') + 1) + startUri(...usualStart),
      parameter: this.#reports.parameter('audio'),
      openPlayer: (text, chooseLevel) => this.#openPlayer(text, chooseLevel),
      onFailure: () => this.#requestMultivariant(0),
      playerLoadMs,
      after: (ms, run) => this.#after(ms, run),
    })
  }

  leave(): ViewerFigures {
    return this.#leave('asked')
  }

  latencyMs(): number | undefined {
    const position = this.#player?.playhead.positionAt(performance.now())
    if (position === undefined || !this.#player?.playhead.hasStarted) return undefined
    return this.#player.latencyAt(position)
  }

  bufferSeconds(): number {
    return this.#player?.playhead.bufferAt(performance.now()) ?? 0
  }

  level(): number | undefined {
    return this.#player?.level
  }

  switchTo(level: number): void {
    this.#player?.switchTo(level)
  }

  #after(ms: number, run: () => void) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
  }

  #leave(reason: LeaveReason): ViewerFigures {
    const { figures } = this
    if (figures.phase === 'left') return figures
    this.#player?.close()
    figures.phase = 'left'
    figures.leaveReason = reason
    for (const timer of this.#timers) clearTimeout(timer)
    this.#requests.close()
    this.#connections.close()
    this.#dependencies.onLeave?.(figures)
    return figures
  }

  /** Lets an impatient viewer leave if there is still no picture after a random time. */
  #limitPatience() {
    if (this.#options.isPatient ?? true) return
    const { figures } = this
    const { stalls } = figures
    const waitMs = patienceMs + (1000 * Math.log(1 - this.#random())) / Math.log(1 - leaveShare)
    this.#after(waitMs, () => {
      if (figures.phase !== 'playing' && figures.stalls === stalls) this.#leave('impatient')
    })
  }

  /**
   * Reads the multivariant playlist and creates a player that has requested nothing yet; undefined when the
   * text is malformed.
   */
  #openPlayer(text: string, chooseLevel: (all: readonly Variant[]) => number): Player | undefined {
    const { record } = this.#dependencies
    const { path, isLowLatency } = this.#options
    this.#player?.close()
    this.#player = undefined
    try {
      this.#variants = readVariants(text, path)
    } catch {
      return undefined
    }
    const context = {
      requests: this.#requests,
      record,
      policies: this.#isPage ? pagePolicies : plainPolicies,
      figures: this.figures,
      isLowLatency,
      loadsAhead: this.#isPage && isLowLatency,
      errors: { playlist: 0, media: 0 },
      playlistParameter: this.#isPage ? this.#reports.parameter : () => undefined,
    }
    this.#player = new Player(context, {
      variants: this.#variants,
      level: chooseLevel(this.#variants),
      steering: this.#isPage && isLowLatency ? pageSteering : noSteering,
      onFirstFrame: () => {
        this.#lossesInRow = 0
        this.figures.joinMs ??= performance.now() - this.#startedAt
      },
      onStall: () => this.#limitPatience(),
      onLost: () => this.#onLost(),
      onEnded: () => this.#leave('ended'),
    })
    return this.#player
  }

  #firstLevel(variants: readonly Variant[]): number {
    const { bandwidth = usualBandwidth } = this.#options
    return Math.max(
      0,
      variants.findLastIndex((each) => each.bandwidth <= bandwidth * bandwidthShare),
    )
  }

  #requestMultivariant(retries: number) {
    if (this.figures.phase !== 'refused') this.figures.phase = 'joining'
    const policy = (this.#isPage ? pagePolicies : plainPolicies).multivariant
    this.#requests.send('multivariant', this.#options.path, policy, {
      onGood: ({ body }) => {
        const player = this.#openPlayer(body.toString(), (all) => this.#firstLevel(all))
        if (player === undefined) return this.#onLost()
        this.figures.phase = 'joining'
        player.start()
      },
      onBad: (error, response) => {
        if (this.#isPage) this.#probeAgain(error, response?.retryAfterSeconds)
        else this.#retryMultivariant(error, retries)
      },
    })
  }

  /** Repeats the request as hls.js does. */
  #retryMultivariant(error: RequestError, retries: number) {
    const { timeout, error: rule } = plainPolicies.multivariant
    const used = error === 'timeout' ? timeout : rule
    const isRetried = error === 'timeout' || (error !== 'connection' && error >= 500)
    if (!isRetried || retries >= used.maxRetries) return this.#onLost()
    this.#after(retryDelay(used, retries), () => this.#requestMultivariant(retries + 1))
  }

  /**
   * Repeats the request as the page does: after the time that the server asks for, or that the page waits.
   */
  #probeAgain(error: RequestError, retryAfterSeconds = Number.NaN) {
    const isFull = error === 503 || error === 429
    if (!isFull && error !== 404) return this.#onLost()
    if (isFull) this.figures.phase = 'refused'
    const askedMs = Math.min(60, Math.max(1, retryAfterSeconds)) * 1000
    const usualMs = isFull ? probeMs.full : probeMs.notLive
    this.#rejoin((Number.isNaN(askedMs) ? usualMs : askedMs) * (1 + this.#random() / 2))
  }

  #onLost() {
    this.figures.phase = 'lost'
    this.figures.losses++
    const backoffMs = Math.min(probeMs.max, probeMs.first * 2 ** this.#lossesInRow)
    this.#lossesInRow++
    const { min, max } = reloadMs
    const random = this.#random()
    this.#rejoin(this.#isPage ? backoffMs * (1 - random / 2) : min + random * (max - min))
  }

  #rejoin(waitMs: number) {
    this.#player?.close()
    this.#player = undefined
    this.#after(waitMs, () => this.#requestMultivariant(0))
  }
}

/** Creates a viewer, who does nothing before `start`. */
export const createViewer = (dependencies: ViewerDependencies, options: ViewerOptions): Viewer =>
  new SimulatedViewer(dependencies, options)
