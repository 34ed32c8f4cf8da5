import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An origin whose responses the bench defines. It counts requests. */
export interface ScriptedOrigin {
  url: string
  /**
   * Defines the response to requests for `target`. Held requests get it at once, later ones `delayMs` after
   * they arrive. `maxAge` is in seconds, 600 by default.
   */
  put(target: string, body: Buffer, options?: { delayMs?: number; maxAge?: number }): void
  /** Holds requests for `target`, which must have no response, until `put` defines one. */
  hold(target: string): void
  /** Returns the number of requests so far, including held ones and those that got a 404. */
  requestsFor(target: string): number
  stop(): void
}

interface ScriptedResponse {
  body: Buffer
  delayMs: number
  maxAge: number
}

export async function startScriptedOrigin(): Promise<ScriptedOrigin> {
  const scripted = new Map<string, ScriptedResponse>()
  const held = new Map<string, ServerResponse[]>()
  const counts = new Map<string, number>()

  function send(response: ServerResponse, { body, maxAge }: ScriptedResponse) {
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
    const known = scripted.get(target)
    if (known !== undefined) setTimeout(send, known.delayMs, response, known)
    else if (held.has(target)) held.get(target)?.push(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put(target, body, { delayMs = 0, maxAge = 600 } = {}) {
      const response = { body, delayMs, maxAge }
      scripted.set(target, response)
      for (const each of held.get(target) ?? []) send(each, response)
      held.delete(target)
    },
    hold: (target) => void held.set(target, []),
    requestsFor: (target) => counts.get(target) ?? 0,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
