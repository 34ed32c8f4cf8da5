import { unreachable } from '../objects/failure.ts'
import { isResponse } from '../upstream/origin-request.ts'
import { createUpstream, type Upstream } from '../upstream/upstream.ts'
import type { ClusterState } from './cluster-state.ts'
import { type Shield, type ShieldOptions, type ShieldUpstreams, watchShield } from './shield.ts'

export interface Shields extends Upstream {
  /**
   * Probes all shields, then returns the state of the one in use.
   * @throws Error when none is in use, or the one in use has sent no state yet.
   */
  state(): Promise<ClusterState>
  /** Calls `listener` when another shield comes into use, and whenever the shield in use has a new state. */
  onChange(listener: () => void): void
}

/**
 * Creates the upstream that uses one of several shields: the first of `urls` that is up and trusted, else the
 * first that is up, else the first that is leaving.
 */
function createShields(urls: readonly string[], upstreams: ShieldUpstreams, options: ShieldOptions): Shields {
  const listeners = new Set<() => void>()
  const notify = () => {
    for (const listener of listeners) listener()
  }

  /** The shield in use; undefined while none responds. */
  let current: Shield | undefined
  function choose() {
    const chosen = preferred(shields)
    if (chosen === current) return
    current = chosen
    notify()
  }
  const events = {
    onProbe: choose,
    onState(shield: Shield) {
      if (shield === current) notify()
    },
  }
  const shields: readonly Shield[] = urls.map((url) => watchShield(url, upstreams, options, events))

  return {
    /**
     * Requests an object from the shield in use. If that goes down meanwhile, requests it once more from the
     * next one.
     */
    async fetch(request) {
      const first = current
      if (first === undefined) return unreachable
      const response = await first.fetch(request)
      if (isResponse(response) || response.reason !== 'origin_unreachable') return response
      if (request.signal.aborted || current === undefined || current === first) return response
      return current.fetch(request)
    },

    async state() {
      await Promise.all(shields.map((shield) => shield.probe()))
      if (current?.state === undefined) throw new Error('no shield responds')
      return current.state
    },

    onChange: (listener) => void listeners.add(listener),

    close() {
      for (const shield of shields) shield.close()
      upstreams.media.close()
      upstreams.probes.close()
    },
  }
}

const preferred = (shields: readonly Shield[]): Shield | undefined =>
  shields.find(({ health, isTrusted }) => health === 'up' && isTrusted) ??
  shields.find(({ health }) => health === 'up') ??
  shields.find(({ health }) => health === 'leaving')

/**
 * Creates shields with their own connections. One shield replaces many origins, so it may get more
 * connections than an origin. Timeouts are longer than those of a shield for its origins, so that it can
 * still report a failure of an origin.
 */
export function openShields(urls: readonly string[], peerKey: string, options: ShieldOptions): Shields {
  const media = createUpstream({
    peerKey,
    responseMs: 4000,
    heldResponseMs: 40_000,
    sockets: 256,
    queue: 2000,
    heldSockets: 4096,
  })
  return createShields(urls, { media, probes: createUpstream({ peerKey, sockets: 2 }) }, options)
}
