import type { ModelChannel } from './model-channel.ts'
import { modelPartMs } from './model-media.ts'

/** Response of the scripted server, which has no header fields. */
export interface ScriptedResponse {
  status: number
  body: Buffer
}

export interface ServerScript {
  channel: ModelChannel
  /** Number of parts that exist when the server starts (60). */
  parts?: number
  /** Time from the start to the next part, ms (320, the length of a part). */
  nextPartMs?: number
  /** Times from the start between which the publisher pauses, ms. */
  pauses?: readonly (readonly [from: number, to: number])[]
  /** Whether there are start bundles (false). Without them, requests for one get a 404. */
  hasBundles?: boolean
  /** Time from request to response, ms, half of it each way (30). */
  rttMs?: number
  /**
   * Replaces a response. `atMs`: time since the start. Undefined leaves it as it is.
   */
  fault?(target: string, atMs: number, good: ScriptedResponse): ScriptedResponse | undefined
}

/** A recorded request. `atMs`: time since the server was created when the client sent it. */
interface TracedRequest {
  atMs: number
  target: string
}

/** Folder of the channel at the server. */
export const scriptedFolder = '/live/bench/'
const session = 's1'

/**
 * Creates a server without a network, in the time of `performance.now()`, which a test may replace. It holds
 * blocking reloads and announced parts, and records all requests.
 */
export function createScriptedServer(script: ServerScript) {
  const { channel, parts = 60, nextPartMs = modelPartMs, pauses = [], rttMs = 30 } = script
  const startedAt = performance.now()
  const trace: TracedRequest[] = []
  const now = () => performance.now() - startedAt

  /** Returns when `count` parts exist, ms since the start; -Infinity for those that exist at the start. */
  function madeAt(count: number): number {
    if (count <= parts) return Number.NEGATIVE_INFINITY
    let at = nextPartMs + (count - parts - 1) * modelPartMs
    for (const [from, to] of pauses) if (at > from) at += to - from
    return at
  }
  function partsAt(atMs: number): number {
    let count = parts
    while (madeAt(count + 1) <= atMs) count++
    return count
  }

  /** Returns when a response is possible, ms since the start, and the function that creates it. */
  function respond(target: string): { atMs: number; respond: () => ScriptedResponse } {
    const url = new URL(target, 'http://server')
    const path = url.pathname
    const send = (body: string | Buffer) => ({ status: 200, body: Buffer.from(body) })
    const notFound = { atMs: 0, respond: () => ({ status: 404, body: Buffer.alloc(0) }) }
    if (path === `${scriptedFolder}index.m3u8`)
      return { atMs: 0, respond: () => send(channel.multivariant(`${session}/`)) }
    if (script.hasBundles && path.startsWith(`${scriptedFolder}start-`))
      return { atMs: 0, respond: () => send(channel.startBundle(partsAt(now()), `${session}/`)) }
    const [, rendition = ''] = /\/([^/]+)\.m3u8$/.exec(path) ?? []
    if (channel.renditions.includes(rendition)) {
      const msn = url.searchParams.get('_HLS_msn')
      const part = url.searchParams.get('_HLS_part')
      const wanted =
        msn === null
          ? 0
          : Number(msn) * channel.partsPerSegment +
            (part === null ? channel.partsPerSegment : Number(part) + 1)
      const isDelta = url.searchParams.has('_HLS_skip')
      return {
        atMs: madeAt(wanted),
        respond: () => send(channel.playlist(rendition, Math.max(wanted, partsAt(now())), isDelta)),
      }
    }
    const [, folder = '', file = ''] = /\/1\/([^/]+)\/([^/]+)$/.exec(path) ?? []
    const body = channel.media(folder, file)
    if (body === undefined) return notFound
    const [, msn, index] = /^(\d+)(?:\.(\d+))?/.exec(file) ?? []
    if (msn === undefined) return { atMs: 0, respond: () => send(body) }
    const last = index === undefined ? channel.partsPerSegment - 1 : Number(index)
    return { atMs: madeAt(Number(msn) * channel.partsPerSegment + last + 1), respond: () => send(body) }
  }

  return {
    trace,
    now,
    partsAt,
    /** Sends a request. Returns the function that cancels it. `onResponse` is called once otherwise. */
    request(target: string, onResponse: (response: ScriptedResponse) => void): () => void {
      trace.push({ atMs: now(), target })
      const { atMs, respond: good } = respond(target)
      const delayMs = Math.max(rttMs / 2, atMs - now()) + rttMs / 2
      const timer = setTimeout(() => {
        const response = good()
        onResponse(script.fault?.(target, now(), response) ?? response)
      }, delayMs)
      return () => clearTimeout(timer)
    },
  }
}
