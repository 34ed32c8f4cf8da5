import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface BenchOrigin {
  url: string
  /** What `target` is answered with, after `delayMs`; `maxAge` in s. */
  put(target: string, body: Buffer, options?: { delayMs?: number; maxAge?: number }): void
  /** Holds requests for `target` until it is put. */
  hold(target: string): void
  /** Requests for `target` so far. */
  asked(target: string): number
  stop(): void
}

interface Entry {
  body: Buffer
  delayMs: number
  maxAge: number
}

/** An origin that counts; both contenders stand before it. */
export async function startBenchOrigin(): Promise<BenchOrigin> {
  const entries = new Map<string, Entry>()
  const held = new Map<string, ServerResponse[]>()
  const counts = new Map<string, number>()

  function answer(response: ServerResponse, { body, maxAge }: Entry) {
    response.writeHead(200, {
      'content-type': 'application/vnd.apple.mpegurl',
      'content-length': body.length,
      'cache-control': `max-age=${maxAge}`,
    })
    response.end(body)
  }
  const server = createServer((request, response) => {
    const target = request.url ?? ''
    counts.set(target, (counts.get(target) ?? 0) + 1)
    const entry = entries.get(target)
    if (entry !== undefined) setTimeout(answer, entry.delayMs, response, entry)
    else if (held.has(target)) held.get(target)?.push(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put(target, body, { delayMs = 0, maxAge = 600 } = {}) {
      const entry = { body, delayMs, maxAge }
      entries.set(target, entry)
      for (const response of held.get(target) ?? []) answer(response, entry)
      held.delete(target)
    },
    hold: (target) => void held.set(target, []),
    asked: (target) => counts.get(target) ?? 0,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
