import { get, type IncomingMessage } from 'node:http'
import { messageOf } from '../../core/process/errors.ts'

/** How a pull ended. */
export type PullEnd =
  /** The body ended properly: the publisher has stopped. */
  | { kind: 'ended' }
  /** The connection broke or was never made. */
  | { kind: 'lost'; detail: string }
  | { kind: 'stopped' }

export interface PullOptions {
  url: string
  /** Bearer token. */
  secret: string
  /** Maximum time until the head of the response, ms. */
  connectTimeoutMs: number
  onChunk(chunk: Buffer): void
}

/** Reads a session as FLV from its ingest, as fast as `pause` and `resume` allow. */
export function startPull({ url, secret, connectTimeoutMs, onChunk }: PullOptions) {
  let body: IncomingMessage | undefined
  const { promise: ended, resolve } = Promise.withResolvers<PullEnd>()
  const lost = (detail: string) => {
    resolve({ kind: 'lost', detail })
    request.destroy()
  }

  const request = get(url, { headers: { authorization: `Bearer ${secret}` }, agent: false }, (response) => {
    clearTimeout(timer)
    if (response.statusCode !== 200) return lost(`the ingest responded with ${response.statusCode}`)
    body = response
    response.on('data', onChunk)
    response.on('end', () =>
      resolve(response.complete ? { kind: 'ended' } : { kind: 'lost', detail: 'truncated' }),
    )
    response.on('error', (error) => lost(messageOf(error)))
    response.on('close', () => lost('closed'))
  })
  request.on('error', (error) => lost(messageOf(error)))
  const timer = setTimeout(() => lost(`no response within ${connectTimeoutMs} ms`), connectTimeoutMs)

  return {
    ended: ended.finally(() => clearTimeout(timer)),
    pause: () => void body?.pause(),
    resume: () => void body?.resume(),
    stop(): void {
      resolve({ kind: 'stopped' })
      request.destroy()
    },
  }
}
