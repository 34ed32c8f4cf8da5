import * as http from 'node:http'
import * as https from 'node:https'
import { exactAgeHeader } from '../../core/contracts/cluster-headers.ts'
import { type Failure, originError, timedOut, unreachable } from '../objects/failure.ts'
import { readBody } from './body.ts'

/** An origin's answer, whatever its status. */
export interface UpstreamAnswer {
  status: number
  contentType: string | undefined
  cacheControl: string | undefined
  contentEncoding: string | undefined
  /** Age it had already when it arrived, s. */
  age: number
  body: Buffer
}

export interface UpstreamRequest {
  /** Base URL of the origin. */
  url: string
  /** Path and query, appended as they are. */
  target: string
  /** Whether the origin may hold the answer back: then it has its own sockets, so that held requests never block others. */
  isHeld: boolean
  /** A longer body is refused, bytes. */
  longestBody: number
  signal: AbortSignal
}

export interface UpstreamOptions {
  clusterSecret: string
  /** Time to connect, ms. */
  connectMs?: number
  /** Time to the headers of an answer that is not held, ms. */
  answerMs?: number
  /** Time to the headers of a held one, ms; longer than origins hold: 3 target durations, of 10 s where keyframes are rare. */
  heldAnswerMs?: number
  /** Longest silence within a body, ms. */
  stallMs?: number
  /** Sockets to one origin for requests that are not held, and how many requests may wait for one. */
  sockets?: number
  queue?: number
  /** Held requests at one origin at one time. */
  heldSockets?: number
}

export type Upstream = ReturnType<typeof createUpstream>

/**
 * Asks origins over kept-alive connections, bounded in number and time. Resolves with an answer, or with the failure that
 * stands for none; never rejects. Its bearer token is the cluster secret, and nothing of a viewer's request goes along.
 */
export function createUpstream(options: UpstreamOptions) {
  const { connectMs = 1000, answerMs = 3000, heldAnswerMs = 35_000, stallMs = 3000 } = options
  const { sockets = 64, queue = 1000, heldSockets = 512 } = options
  const limits = { keepAlive: true, keepAliveMsecs: 1000, scheduling: 'lifo', noDelay: true } as const
  const prompt = { ...limits, maxSockets: sockets, maxFreeSockets: sockets }
  const held = { ...limits, maxSockets: heldSockets, maxFreeSockets: 64 }
  const plain = { request: http.request, prompt: new http.Agent(prompt), held: new http.Agent(held) }
  const secure = { request: https.request, prompt: new https.Agent(prompt), held: new https.Agent(held) }
  const wayTo = (url: string) => (url.startsWith('https:') ? secure : plain)
  const inFlight = new Map<string, number>()
  const headers = { authorization: `Bearer ${options.clusterSecret}`, 'accept-encoding': 'identity' }

  /** Takes a place at an origin; undefined when there is none, else the function that gives it back. */
  function enter({ url, isHeld }: UpstreamRequest): (() => void) | undefined {
    const pool = `${isHeld ? 'held' : 'prompt'} ${url}`
    const count = inFlight.get(pool) ?? 0
    if (count >= (isHeld ? heldSockets : sockets + queue)) return undefined
    inFlight.set(pool, count + 1)
    return () => {
      const left = (inFlight.get(pool) ?? 1) - 1
      if (left > 0) inFlight.set(pool, left)
      else inFlight.delete(pool)
    }
  }

  /** One try over a connection of `agent`, or over one of its own. */
  function ask(
    wanted: UpstreamRequest,
    agent: http.Agent | false,
  ): Promise<UpstreamAnswer | Failure | 'stale_socket'> {
    return new Promise((resolve) => {
      const { signal, isHeld } = wanted
      const sent = wayTo(wanted.url).request(wanted.url + wanted.target, { agent, headers })
      let failure = unreachable
      let answered = false
      const giveUp = () => {
        failure = timedOut
        sent.destroy()
      }
      const onAbort = () => sent.destroy()
      let timer = setTimeout(giveUp, isHeld ? heldAnswerMs : answerMs)
      const done = (outcome: UpstreamAnswer | Failure | 'stale_socket') => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        resolve(outcome)
      }
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) sent.destroy()
      sent.on('socket', (socket) => {
        if (!socket.connecting) return
        const connectTimer = setTimeout(() => sent.destroy(), connectMs)
        socket.once('connect', () => clearTimeout(connectTimer))
        socket.once('close', () => clearTimeout(connectTimer))
      })
      sent.on('error', () => {
        // The origin closed an idle connection in the moment it was used again: nothing was asked yet.
        const isStale = sent.reusedSocket && failure === unreachable && !signal.aborted
        done(isStale ? 'stale_socket' : failure)
      })
      sent.on('close', () => {
        if (!answered) done(failure)
      })
      sent.on('response', (response) => {
        answered = true
        clearTimeout(timer)
        timer = setTimeout(giveUp, stallMs)
        const onProgress = () => timer.refresh()
        void readBody(response, wanted.longestBody, onProgress).then((body) =>
          done(Buffer.isBuffer(body) ? answerOf(response, body) : failure === timedOut ? timedOut : body),
        )
      })
      sent.end()
    })
  }

  return {
    async fetch(wanted: UpstreamRequest): Promise<UpstreamAnswer | Failure> {
      const leave = enter(wanted)
      if (leave === undefined) return { status: 503, reason: 'origin_busy', retryAfter: 1, keepMs: 0 }
      try {
        const outcome = await ask(wanted, wayTo(wanted.url)[wanted.isHeld ? 'held' : 'prompt'])
        if (outcome !== 'stale_socket') return outcome
        const again = await ask(wanted, false)
        return again === 'stale_socket' ? unreachable : again
      } catch {
        // The registry named something that is no http URL.
        return originError
      } finally {
        leave()
      }
    },

    close(): void {
      for (const { prompt, held } of [plain, secure]) {
        prompt.destroy()
        held.destroy()
      }
    },
  }
}

function answerOf(response: http.IncomingMessage, body: Buffer): UpstreamAnswer {
  const exact = response.headers[exactAgeHeader]
  const age = typeof exact === 'string' ? Number(exact) / 1000 : Number(response.headers.age ?? 0)
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'],
    cacheControl: response.headers['cache-control'],
    contentEncoding: response.headers['content-encoding'],
    age: Number.isFinite(age) && age > 0 ? age : 0,
    body,
  }
}
