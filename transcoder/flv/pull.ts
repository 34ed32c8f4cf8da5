import { get, type IncomingMessage } from 'node:http'
import { messageOf } from '../../core/process/errors.ts'

/** How a pull ended. */
export type PullEnd =
  /** The body ended as it should: the publisher is through. */
  | { kind: 'ended' }
  /** The connection broke, or was never made. */
  | { kind: 'lost'; detail: string }
  | { kind: 'stopped' }

export interface PullOptions {
  url: string
  /** Bearer token. */
  secret: string
  /** Until the answer's head, ms. */
  connectTimeoutMs: number
  onChunk(chunk: Buffer): void
}

export type Pull = ReturnType<typeof startPull>

/** Reads a session as FLV from its ingest, as fast as `pause` and `resume` let it. */
export function startPull({ url, secret, connectTimeoutMs, onChunk }: PullOptions) {
  let response: IncomingMessage | undefined
  const { promise: ended, resolve } = Promise.withResolvers<PullEnd>()
  const lost = (detail: string) => {
    resolve({ kind: 'lost', detail })
    request.destroy()
  }

  const request = get(url, { headers: { authorization: `Bearer ${secret}` }, agent: false }, (answer) => {
    clearTimeout(timer)
    if (answer.statusCode !== 200) return lost(`ingest answered ${answer.statusCode}`)
    response = answer
    answer.on('data', onChunk)
    answer.on('end', () =>
      resolve(answer.complete ? { kind: 'ended' } : { kind: 'lost', detail: 'cut short' }),
    )
    answer.on('error', (error) => lost(messageOf(error)))
    answer.on('close', () => lost('closed'))
  })
  request.on('error', (error) => lost(messageOf(error)))
  const timer = setTimeout(() => lost(`no answer within ${connectTimeoutMs} ms`), connectTimeoutMs)

  return {
    ended: ended.finally(() => clearTimeout(timer)),
    pause: () => void response?.pause(),
    resume: () => void response?.resume(),
    stop(): void {
      resolve({ kind: 'stopped' })
      request.destroy()
    },
  }
}
