import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/**
 * Below the ports that the system itself hands out (from 32768 on, or from 49152): a process under test that asks the system for
 * one must not be given the one that another is about to listen on.
 */
const lowest = 20_000
const highest = 32_000

/** `count` different TCP ports of the loopback that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = []
  const ports: number[] = []
  while (held.length < count) {
    const port = randomInt(lowest, highest)
    const server = await hold(port)
    if (server === undefined) continue
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

/** A server on the port, undefined when it is taken. */
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
