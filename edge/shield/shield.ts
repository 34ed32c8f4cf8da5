import { createPoll } from '../../core/mechanisms/poll.ts'
import type { Log } from '../../core/process/log.ts'
import type { Failure } from '../objects/failure.ts'
import { withoutPrivate } from '../upstream/cache-scope.ts'
import { isResponse, type UpstreamRequest, type UpstreamResponse } from '../upstream/origin-request.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { type ClusterState, clusterStatePath, tagOf } from './cluster-state.ts'

/**
 * `up`: the shield can be used. `leaving`: it responds with 503, because it drains or knows nothing yet.
 * `down`: it does not respond, or not with its state.
 */
export type ShieldHealth = 'up' | 'leaving' | 'down'

/**
 * Upstreams for a shield: `media` for objects and `probes` for probes, so that a crowd never delays probes.
 */
export interface ShieldUpstreams {
  media: Upstream
  probes: Upstream
}

export interface ShieldOptions {
  log: Log
  /** Time between two probes, ms. */
  everyMs?: number
  /** Maximum time for the response to a probe, ms. A shield that takes longer counts as down. */
  probeMs?: number
}

export interface ShieldEvents {
  /** Called after each probe, when the shield's health may have changed. */
  onProbe(): void
  /** Called when a probe has brought a new state. */
  onState(shield: Shield): void
}

/** Number of successful probes in a row after which a shield that had failed is preferred again. */
const trustedAfter = 8
const maxStateBytes = 16 << 20

export type Shield = ReturnType<typeof watchShield>

/** Probes another edge several times a second for its health and its state, and requests objects from it. */
export function watchShield(
  url: string,
  { media, probes }: ShieldUpstreams,
  { log, everyMs = 250, probeMs = 1500 }: ShieldOptions,
  { onProbe, onState }: ShieldEvents,
) {
  let health: ShieldHealth = 'down'
  /**
   * Number of successful probes in a row. It starts at `trustedAfter`, so that a shield is trusted when it is
   * up for the first time.
   */
  let streak = trustedAfter
  let state: ClusterState | undefined
  let tag = ''
  /** Aborts the requests in flight when the shield goes down. */
  let requests = new AbortController()

  function judge(next: ShieldHealth) {
    if (next === 'up') streak += 1
    else if (health !== 'down') streak = 0
    if (next === 'down') {
      requests.abort()
      requests = new AbortController()
    }
    if (next !== health) log.warn({ url, health: next }, 'shield health changed')
    health = next
    onProbe()
  }

  async function probe(): Promise<void> {
    const response = await probes.fetch(stateRequest(url, tag, probeMs))
    if (!isResponse(response)) return judge('down')
    const { status, body } = response
    if (status === 200) {
      state = JSON.parse(body.toString()) as ClusterState
      tag = tagOf(body)
    }
    judge(status === 200 || status === 304 ? 'up' : status === 503 ? 'leaving' : 'down')
    if (status === 200) onState(shield)
  }
  const poll = createPoll(
    () =>
      probe().catch((error: unknown) => {
        log.warn({ err: error, url }, 'shield responded with an unreadable state')
        judge('down')
      }),
    { everyMs },
  )

  const shield = {
    url,
    get health() {
      return health
    },
    /** Whether the shield has never failed, or has been up for `trustedAfter` probes since. */
    get isTrusted() {
      return streak >= trustedAfter
    },
    /** The last state that a probe has brought; undefined before the first. */
    get state() {
      return state
    },
    /** Probes the shield now, or joins a probe in progress. */
    probe: poll.join,

    /** Requests an object from this shield. The URL of an origin in `request` is replaced. */
    async fetch(request: UpstreamRequest): Promise<UpstreamResponse | Failure> {
      const { signal, release } = linkSignals([request.signal, requests.signal])
      const response = await media.fetch({ ...request, url, signal })
      release()
      if (isResponse(response)) return { ...response, cacheControl: withoutPrivate(response.cacheControl) }
      // Other connections to the shield may still work. A probe shows at once whether the shield is down.
      if (response.reason === 'origin_unreachable' && !signal.aborted) await poll.join()
      return response
    },

    close: (): void => void poll.close(),
  }
  return shield
}

const stateRequest = (url: string, tag: string, timeoutMs: number): UpstreamRequest => ({
  url,
  target: `${clusterStatePath}?after=${tag}`,
  isHeld: false,
  maxBodyBytes: maxStateBytes,
  signal: AbortSignal.timeout(timeoutMs),
})

/**
 * Creates a signal that aborts with any of `signals` until it is released. With `AbortSignal.any`, signals
 * that live as long as the edge would keep a reference to each request.
 */
function linkSignals(signals: readonly AbortSignal[]) {
  const any = new AbortController()
  const onAbort = () => any.abort()
  for (const signal of signals) signal.addEventListener('abort', onAbort)
  if (signals.some(({ aborted }) => aborted)) onAbort()
  return {
    signal: any.signal,
    release() {
      for (const signal of signals) signal.removeEventListener('abort', onAbort)
    },
  }
}
