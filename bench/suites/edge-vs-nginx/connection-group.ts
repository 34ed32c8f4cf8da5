import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Keep-alive connections that send requests together. They do as little as possible, so that the bench
 * measures the server.
 */
export interface ConnectionGroup {
  readonly size: number
  /**
   * Sends a request for `target` on all connections. Returns the time from each request to its whole
   * response, ms. Rejects when a status is not 200 or a connection fails.
   */
  requestAll(target: string): Promise<number[]>
  /**
   * Resolves when the whole response has arrived. Rejects when its status is not 200 or the connection fails.
   */
  request(member: number, target: string): Promise<void>
  close(): void
}

/** Maximum length of a response head, bytes. Bodies are counted, but not read. */
const maxHeadBytes = 1024

interface Member {
  socket: Socket
  /** Bytes of the response that are still to come; undefined before its head has arrived. */
  missingBytes: number | undefined
  head: string
  done: () => void
  fail: (error: Error) => void
}

export async function openConnections(url: string, size: number): Promise<ConnectionGroup> {
  const { hostname, port } = new URL(url)
  const members: Member[] = []
  // 100 at a time: some systems have a short queue of connections that are not accepted yet.
  for (let at = 0; at < size; at += 100)
    members.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(100, size - at) }, () => openConnection(Number(port), hostname)),
      )),
    )

  function request(index: number, target: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const member = members[index]
      if (member === undefined) return reject(new Error('no such member'))
      member.missingBytes = undefined
      member.head = ''
      member.done = resolve
      member.fail = reject
      member.socket.write(`GET ${target} HTTP/1.1\r\nHost: bench\r\n\r\n`, 'latin1')
    })
  }

  return {
    size,
    request,
    async requestAll(target) {
      const times: Promise<number>[] = []
      const timeOf = async (member: number) => {
        const start = performance.now()
        await request(member, target)
        return performance.now() - start
      }
      for (let member = 0; member < size; member += 1) {
        times.push(timeOf(member))
        // The origin is in this process too. It must receive the first request before the last one is sent.
        if (member % 100 === 99) await nextTurn()
      }
      return Promise.all(times)
    },
    close() {
      for (const { socket } of members) socket.destroy()
    },
  }
}

async function openConnection(port: number, host: string): Promise<Member> {
  const socket = connect({ port, host, noDelay: true })
  await once(socket, 'connect')
  const member: Member = { socket, missingBytes: undefined, head: '', done() {}, fail() {} }
  socket.on('data', (chunk) => onData(member, chunk))
  socket.on('error', (error) => member.fail(error))
  socket.on('close', () => member.fail(new Error('the server closed a connection')))
  return member
}

function onData(member: Member, chunk: Buffer): void {
  if (member.missingBytes === undefined) {
    const before = member.head.length
    member.head += chunk.toString('latin1', 0, maxHeadBytes)
    const end = member.head.indexOf('\r\n\r\n')
    if (end < 0) return
    if (!member.head.startsWith('HTTP/1.1 200')) {
      member.fail(new Error(member.head.slice(0, 40)))
      return
    }
    const length = Number(/content-length: (\d+)/i.exec(member.head)?.[1])
    member.missingBytes = length - (before + chunk.length - end - 4)
  } else member.missingBytes -= chunk.length
  if (member.missingBytes <= 0) member.done()
}
