import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Flow, Receiver } from './flow.ts'
import type { Link } from './link.ts'

/** Bytes of a sender that may wait for the link before its socket is paused. */
const maxPendingBytes = 65_536
/** Bytes that may wait for a receiver's socket before the flow stops, like a receive window. */
const maxUnreadBytes = 1_048_576

export interface LinkRoute {
  /** Port of 127.0.0.1 to listen on. */
  port: number
  /** Port of 127.0.0.1 to pass connections on to. */
  target: number
}

export type LinkProxy = Awaited<ReturnType<typeof startLinkProxy>>

/** A connection of the viewer, and the connection to the server that continues it. */
interface Pair {
  destroy(): void
}

/**
 * Listens for the connections of a viewer and passes them on through the link in use. Before the first `use`
 * it resets them.
 */
export async function startLinkProxy(routes: readonly LinkRoute[]) {
  let session: ReturnType<typeof openSession> | undefined
  const servers = routes.map(({ port, target }) =>
    createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      client.on('error', () => {})
      if (session === undefined) client.resetAndDestroy()
      else session.take(client, target)
    }).listen(port, '127.0.0.1'),
  )
  await Promise.all(servers.map((server) => once(server, 'listening')))

  return {
    /** Cuts all open connections and takes new ones with another link, whose schedule starts now. */
    use(link: Link): void {
      session?.close()
      session = openSession(link)
    },
    close(): void {
      session?.close()
      for (const server of servers) server.close()
    },
  }
}

/** Runs a link in real time for the connections that it takes. */
function openSession(link: Link) {
  const start = performance.now()
  const pairs = new Set<Pair>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false

  const now = () => performance.now() - start

  /** Runs the events that are due, then `act`, and sets the timer for the next event. */
  function run(act?: (at: number) => void) {
    if (isClosed) return
    link.advance(now())
    act?.(now())
    clearTimeout(timer)
    if (link.nextAt < Number.POSITIVE_INFINITY) timer = setTimeout(run, Math.max(0, link.nextAt - now()))
  }

  function cutAll() {
    for (const pair of pairs) pair.destroy()
  }

  /** Cuts all connections at each change after `from` that has a cut. Times are ms of the schedule. */
  function watchCuts(from: number) {
    link.events.add(link.schedule.nextChange(from), (at) => {
      if (link.schedule.isCutAt(at)) cutAll()
      watchCuts(at)
    })
  }
  watchCuts(0)
  run()

  return {
    take(client: Socket, target: number): void {
      run((at) =>
        link.handshake(at, (openAt) => {
          if (client.destroyed || isClosed) return
          const { address } = link.schedule.at(openAt)
          const server = connect({
            host: '127.0.0.1',
            port: target,
            localAddress: address,
            allowHalfOpen: true,
            noDelay: true,
          })
          const pair = joinSockets({ link, run, client, server })
          pairs.add(pair)
          server.once('close', () => pairs.delete(pair))
        }),
      )
    },
    close(): void {
      isClosed = true
      clearTimeout(timer)
      cutAll()
    },
  }
}

interface Joined {
  link: Link
  run(act?: (at: number) => void): void
  client: Socket
  server: Socket
}

function joinSockets({ link, run, client, server }: Joined): Pair {
  const up = link.flow('up', endsOf(client, server))
  const down = link.flow('down', endsOf(server, client))

  function close() {
    up.close()
    down.close()
  }

  function carry(from: Socket, to: Socket, flow: Flow) {
    from.on('data', (data) => {
      run((at) => flow.send(at, data))
      if (flow.pendingBytes > maxPendingBytes) from.pause()
    })
    from.on('end', () => run((at) => flow.send(at, null)))
    to.on('drain', () => run((at) => flow.pump(at)))
    from.on('error', () => {})
    from.once('close', (hasFailed) => {
      if (!hasFailed) return
      // A reset takes half a round trip, like a packet.
      run((at) =>
        link.events.add(at + link.schedule.at(at).rttMs / 2, () => {
          close()
          to.resetAndDestroy()
        }),
      )
    })
  }

  carry(client, server, up)
  carry(server, client, down)
  client.resume()
  return {
    destroy() {
      close()
      client.resetAndDestroy()
      server.resetAndDestroy()
    },
  }
}

/** Returns the receiver of a flow that reads from the socket `from` and writes to the socket `to`. */
const endsOf = (from: Socket, to: Socket): Receiver => ({
  deliver(data) {
    if (to.destroyed || to.writableEnded) return
    if (data === null) to.end()
    else {
      to.cork()
      to.write(data)
      process.nextTick(() => to.uncork())
    }
  },
  isOpen: () => to.writableLength < maxUnreadBytes,
  onSent(pendingBytes) {
    if (from.isPaused() && pendingBytes <= maxPendingBytes) from.resume()
  },
})
