import { arrivals } from './arrivals.ts'

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
  abort(): void
}

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
 * `fetch` does. Only `priority` and `cache` of the options are used.
 */
export function requestBody(
  url: string,
  { priority = 'high', cache = 'default' }: RequestInit = {},
): PendingBody {
  const aborting = new AbortController()

  async function load(): Promise<Body> {
    const response = await fetch(url, { signal: aborting.signal, priority, cache })
    if (response.status !== 200 || response.body === null) throw new StatusError(response.status)
    const reader = response.body.getReader()
    const chunks: Uint8Array[] = []
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    let firstByteAt = 0
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      chunks.push(read.value)
      const now = performance.now()
      firstByteAt ||= now
      if (!aborting.signal.aborted) arrivals.add(aborting, read.value.length, now, length)
    }
    const age = response.headers.get('age')
    const completedAt = performance.now()
    const data = joinChunks(chunks)
    arrivals.completed(url, { start: firstByteAt, end: completedAt, bytes: data.byteLength })
    return {
      data,
      age: age === null ? undefined : Number(age),
      firstByteAt,
      completedAt,
    }
  }

  const body = load().finally(() => arrivals.end(aborting))
  // Callers that await the body handle its failure. Without this line, the failure of a body that is never
  // taken would be an unhandled rejection.
  body.catch(() => {})
  function abort() {
    aborting.abort()
    // In WebKitGTK, reading an aborted body may never end.
    arrivals.end(aborting)
  }
  return { body, abort }
}

/** Copies the chunks into one buffer, in their order. */
export function joinChunks(chunks: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole.buffer
}
