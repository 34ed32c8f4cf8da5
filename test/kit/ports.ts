import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'

/**
 * Lowest port that `freePorts` returns. All its ports are below those that the system assigns (from 32768 on,
 * or from 49152), so a process that lets the system choose a port never takes one of them.
 */
const minPort = 20_000
/** Maximum number of test workers, and number of ports in the range of each. */
const [maxWorkers, portsOfWorker] = [8, 1500]

/**
 * First port of this worker. Up to `maxWorkers` test files that run at the same time never choose the same
 * port.
 */
const firstPort = minPort + (Number(process.env.VITEST_POOL_ID ?? 0) % maxWorkers) * portsOfWorker

/** The last ports that were given. Their users may not listen yet, so no other one may get them. */
const given = new Set<number>()
/** Number of ports that are remembered: more than one test file uses. */
const maxGiven = portsOfWorker / 2

/**
 * Returns `count` TCP ports that were free on the loopback a moment ago, and that were not among the last
 * `maxGiven` ones.
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = []
  const ports: number[] = []
  while (held.length < count) {
    const port = firstPort + randomInt(portsOfWorker)
    if (given.has(port)) continue
    const server = await hold(port)
    if (server === undefined) continue
    given.add(port)
    for (const oldest of given) if (given.size > maxGiven) given.delete(oldest)
    held.push(server)
    ports.push(port)
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  if (port === undefined) throw new Error('no free port')
  return port
}

/** Occupies a port of the loopback that the system chooses, until `release` is called. */
export async function occupyPort(): Promise<{ port: number; release: () => void }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, release: () => void server.close() }
}

/** Listens on a port of the loopback. Returns undefined when it is taken. */
async function hold(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}

/** Resolves with true when a port of the loopback accepts a connection. Rejects when it does not. */
export async function isListening(port: number): Promise<true> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
    return true
  } finally {
    socket.destroy()
  }
}
