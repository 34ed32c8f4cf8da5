/** A body and what is known of how it came. */
export interface Body {
  data: ArrayBuffer
  /** Age of the response on arrival, s; undefined when the server did not say. */
  age: number | undefined
  /** Times, ms of `performance.now()`. */
  firstByteAt: number
  completedAt: number
}

/** A request in progress or complete. */
export interface PendingBody {
  readonly body: Promise<Body>
  /** Bytes that have arrived, and when the first and the last of them did, ms; 0 before. */
  readonly progress: { bytes: number; firstAt: number; lastAt: number }
  abort(): void
}

/** When bytes of any body arrived last, ms of `performance.now()`. */
export const arrivals = { lastAt: 0 }

/** Progress of the bodies that are arriving now. */
const arriving = new Set<PendingBody['progress']>()

/**
 * Returns the bandwidth that the bodies in progress show, bits/s; undefined while none has been arriving for
 * long enough.
 */
export function arrivingBits(now: number): number | undefined {
  const begun = [...arriving].filter(({ firstAt }) => firstAt > 0)
  const since = Math.min(...begun.map(({ firstAt }) => firstAt))
  if (begun.length === 0 || now - since < minArrivingMs) return undefined
  return (begun.reduce((sum, { bytes }) => sum + bytes, 0) * 8000) / (now - since)
}

/** Time for which a body must have been arriving to show the bandwidth, ms. */
const minArrivingMs = 400

/** A response other than 200. */
export class StatusError extends Error {
  readonly status: number
  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

/** Requests a URL and reads the body as it arrives. Rejects with a `StatusError` or as `fetch` does. */
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
  // Those who await the body handle its failure; a body that is never taken must not be an unhandled rejection.
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
