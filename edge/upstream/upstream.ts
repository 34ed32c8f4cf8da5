import * as http from 'node:http'
import * as https from 'node:https'
import { KeyedCount } from '../../core/mechanisms/keyed-count.ts'
import { type Failure, originBusy, originError, unreachable } from '../objects/failure.ts'
import { requestOnce, type UpstreamRequest, type UpstreamResponse } from './origin-request.ts'

export interface UpstreamOptions {
  /** Key that authenticates this edge, sent as the bearer token. */
  peerKey: string
  /** Maximum time to connect, ms. */
  connectMs?: number
  /** Maximum time to the headers of a response that is not held, ms. */
  responseMs?: number
  /**
   * Maximum time to the headers of a held response, ms. Origins hold a request for up to 3 target durations:
   * 30 s when the target duration is 10 s.
   */
  heldResponseMs?: number
  /** Maximum time without data within a body, ms. */
  stallMs?: number
  /**
   * `sockets`: maximum number of sockets to one origin for requests that are not held. `queue`: maximum
   * number of requests that wait for one of them.
   */
  sockets?: number
  queue?: number
  /** Maximum number of held requests at one origin. */
  heldSockets?: number
}

/** Maximum fraction of the held requests at an origin that may be guesses. The rest is for the live edge. */
const guessShare = 1 / 8

/** Requests objects from origins, or from other edges. */
export interface Upstream {
  /** Resolves with a response or the failure that replaces it; never rejects. */
  fetch(request: UpstreamRequest): Promise<UpstreamResponse | Failure>
  close(): void
}

/**
 * Creates an upstream that uses kept-alive connections, limited in number and time. It passes on no header
 * fields of viewers' requests.
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { connectMs = 1000, responseMs = 3000, heldResponseMs = 35_000, stallMs = 3000 } = options
  const { sockets = 64, queue = 1000, heldSockets = 512 } = options
  const common = { keepAlive: true, keepAliveMsecs: 1000, scheduling: 'lifo', noDelay: true } as const
  const prompt = { ...common, maxSockets: sockets, maxFreeSockets: sockets }
  const held = { ...common, maxSockets: heldSockets, maxFreeSockets: 64 }
  const plain = { request: http.request, prompt: new http.Agent(prompt), held: new http.Agent(held) }
  const secure = { request: https.request, prompt: new https.Agent(prompt), held: new https.Agent(held) }
  /** Counts of requests in flight, by base URL of the origin. */
  const inFlight = { prompt: new KeyedCount(sockets + queue), held: new KeyedCount(heldSockets) }
  const guesses = new KeyedCount(Math.ceil(heldSockets * guessShare))
  const headers = { authorization: `Bearer ${options.peerKey}`, 'accept-encoding': 'identity' }
  const timeouts = {
    prompt: { connectMs, responseMs, stallMs },
    held: { connectMs, responseMs: heldResponseMs, stallMs },
  }

  async function fetchOnce(request: UpstreamRequest, agentOf: 'pool' | 'none') {
    const kind = request.isHeld ? 'held' : 'prompt'
    const scheme = request.url.startsWith('https:') ? secure : plain
    const agent = agentOf === 'pool' ? scheme[kind] : false
    return await requestOnce(request, { request: scheme.request, agent, headers }, timeouts[kind])
  }

  return {
    async fetch(request) {
      const places = inFlight[request.isHeld ? 'held' : 'prompt']
      const isGuess = request.isGuess === true && request.isHeld
      if (isGuess && !guesses.enter(request.url)) return originBusy
      if (!places.enter(request.url)) {
        if (isGuess) guesses.leave(request.url)
        return originBusy
      }
      try {
        const outcome = await fetchOnce(request, 'pool')
        if (outcome !== 'stale_socket') return outcome
        const retried = await fetchOnce(request, 'none')
        return retried === 'stale_socket' ? unreachable : retried
      } catch {
        // `request` throws when the registry contains something that is not an http URL.
        return originError
      } finally {
        places.leave(request.url)
        if (isGuess) guesses.leave(request.url)
      }
    },

    close() {
      for (const { prompt, held } of [plain, secure]) {
        prompt.destroy()
        held.destroy()
      }
    },
  }
}
