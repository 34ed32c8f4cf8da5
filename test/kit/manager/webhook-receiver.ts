import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { EventView } from '../../../core/api/event.ts'

/** One request that arrived at a receiver. */
interface Received {
  headers: Record<string, string>
  body: string
  event: EventView
}

export type WebhookReceiver = Awaited<ReturnType<typeof startWebhookReceiver>>

/**
 * Starts an HTTP server that keeps the requests that it gets. It responds with the next of `statuses`, and
 * with 204 when there are no more.
 */
export async function startWebhookReceiver() {
  const received: Received[] = []
  const statuses: number[] = []
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    received.push({ headers: request.headers as Record<string, string>, body, event: JSON.parse(body) })
    response.writeHead(statuses.shift() ?? 204).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    statuses,
    /** Returns the sequences of a channel's events in the order in which they first arrived. */
    sequencesOf: (slug: string) => [
      ...new Set(received.filter(({ event }) => event.channel === slug).map(({ event }) => event.sequence)),
    ],
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
