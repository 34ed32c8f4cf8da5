/** A response body with the figures of its arrival. */
export interface Body {
  data: ArrayBuffer
  /** Value of the `Age` header, seconds; undefined without one. */
  age: number | undefined
  /** Times, ms of `performance.now()`. `firstByteAt` is 0 for an empty body. */
  firstByteAt: number
  completedAt: number
}

/** A request, in progress or finished. */
export interface PendingBody {
  readonly body: Promise<Body>
  /** Number of bytes so far and the times of the first and the last of them, ms; 0 before the first. */
  readonly progress: { bytes: number; firstAt: number; lastAt: number }
  abort(): void
}

/** Time at which bytes of any body arrived last, ms of `performance.now()`. */
export const arrivals = { lastAt: 0 }

/** Progress of the requests that have not finished. */
const arriving = new Set<PendingBody['progress']>()

/**
 * Returns the bandwidth that the bodies in progress show, bits/s; undefined while none has been arriving for
 * `minArrivingMs`.
 */
export function arrivingBits(now: number): number | undefined {
  const begun = [...arriving].filter(({ firstAt }) => firstAt > 0)
  const since = Math.min(...begun.map(({ firstAt }) => firstAt))
  if (begun.length === 0 || now - since < minArrivingMs) return undefined
  return (begun.reduce((sum, { bytes }) => sum + bytes, 0) * 8000) / (now - since)
}

/** Time for which a body must have been arriving to show the bandwidth, ms. */
const minArrivingMs = 400

/** A response with a status other than 200, or without a body. */
export class StatusError extends Error {
  readonly status: number
  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

/**
 * Requests a URL and reads the body as it arrives. The promise `body` rejects with a `StatusError`, or as
 * `fetch` does. Only `priority` of the options is used.
 */
export function requestBody(url: string, { priority = 'high' }: RequestInit = {}): PendingBody {
  const aborting = new AbortController()
  const progress = { bytes: 0, firstAt: 0, lastAt: 0 }

  async function load(): Promise<Body> {
    const response = await fetch(url, { signal: aborting.signal, priority })
    if (response.status !== 200 || response.body === null) throw new StatusError(response.status)
    const reader = response.body.getReader()
    const chunks: Uint8Array[] = []
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      chunks.push(read.value)
      progress.bytes += read.value.length
      arrivals.lastAt = progress.lastAt = performance.now()
      progress.firstAt ||= progress.lastAt
    }
    const age = response.headers.get('age')
    return {
      data: joinChunks(chunks, progress.bytes),
      age: age === null ? undefined : Number(age),
      firstByteAt: progress.firstAt,
      completedAt: performance.now(),
    }
  }

  arriving.add(progress)
  const body = load().finally(() => arriving.delete(progress))
  // Callers that await the body handle its failure. Without this line, the failure of a body that is never
  // taken would be an unhandled rejection.
  body.catch(() => {})
  return { body, progress, abort: () => aborting.abort() }
}

function joinChunks(chunks: readonly Uint8Array[], length: number): ArrayBuffer {
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole.buffer
}
