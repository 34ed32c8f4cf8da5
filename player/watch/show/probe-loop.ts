import type { PlaybackAddress } from '../edges/playback-address.ts'
import type { Probe, ProbeResult } from './channel-probe.ts'

export interface ProbeLoopOptions {
  address: Pick<PlaybackAddress, 'url' | 'useNextEdge'>
  probe: Probe
  /** Response to a request that the head start has made. The first probe uses it instead of a new request. */
  early: Promise<Response> | undefined
  /** Whether the first probe is made at once. Otherwise it waits for `delayMs(undefined)`. */
  isImmediate: boolean
  /** Returns the time to the next probe, ms. `result` is undefined before the first probe. */
  delayMs(result: ProbeResult | undefined): number
  onResult(result: ProbeResult): void
}

/**
 * Probes the channel until the returned function is called. After an edge that does not respond or is full,
 * the next probe uses another edge.
 */
export function startProbeLoop({ address, probe, early, isImmediate, delayMs, onResult }: ProbeLoopOptions) {
  const closing = new AbortController()
  const { signal } = closing

  async function run() {
    if (!isImmediate) await pause(delayMs(undefined), signal)
    let response = early
    while (!signal.aborted) {
      const result = await probe(address.url, signal, response)
      response = undefined
      signal.throwIfAborted()
      if (result.kind === 'unreachable' || result.kind === 'full') address.useNextEdge()
      onResult(result)
      if (!signal.aborted) await pause(delayMs(result), signal)
    }
  }

  run().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return () => closing.abort()
}

/** Resolves after `ms`. Rejects with the reason of `signal` when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
