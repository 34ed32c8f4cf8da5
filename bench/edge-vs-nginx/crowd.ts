import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Kept-alive connections that ask together; as lean as can be, so that the server is what is measured. */
export interface Crowd {
  readonly size: number
  /** All ask for `target` at once; gives how long each waited for the whole answer from its own question on, ms. @throws when an answer is not 200. */
  ask(target: string): Promise<number[]>
  /** One of them asks. */
  askOne(member: number, target: string): Promise<void>
  close(): void
}

/** No head of an answer is longer, bytes: of a body only the length is of interest. */
const longestHead = 1024

interface Member {
  socket: Socket
  /** Bytes of the answer that are still to come; unknown before its head is there. */
  missing: number | undefined
  heard: string
  done: () => void
  fail: (error: Error) => void
}

export async function gatherCrowd(url: string, size: number): Promise<Crowd> {
  const { hostname, port } = new URL(url)
  const members: Member[] = []
  // A few at a time: the queue of connections not yet accepted is short on some systems.
  for (let at = 0; at < size; at += 100)
    members.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(100, size - at) }, () => join(Number(port), hostname)),
      )),
    )

  function askOne(member: number, target: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const asking = members[member]
      if (asking === undefined) return reject(new Error('no such member'))
      asking.missing = undefined
      asking.heard = ''
      asking.done = resolve
      asking.fail = reject
      asking.socket.write(`GET ${target} HTTP/1.1\r\nHost: bench\r\n\r\n`, 'latin1')
    })
  }

  return {
    size,
    askOne,
    async ask(target) {
      const waits: Promise<number>[] = []
      const wait = async (member: number) => {
        const start = performance.now()
        await askOne(member, target)
        return performance.now() - start
      }
      for (let member = 0; member < size; member += 1) {
        waits.push(wait(member))
        // The origin lives in this process too: it must hear of the first question before the last is asked.
        if (member % 100 === 99) await nextTurn()
      }
      return Promise.all(waits)
    },
    close() {
      for (const { socket } of members) socket.destroy()
    },
  }
}

async function join(port: number, host: string): Promise<Member> {
  const socket = connect({ port, host, noDelay: true })
  await once(socket, 'connect')
  const member: Member = { socket, missing: undefined, heard: '', done() {}, fail() {} }
  socket.on('data', (chunk) => hear(member, chunk))
  socket.on('error', (error) => member.fail(error))
  socket.on('close', () => member.fail(new Error('the server closed a connection')))
  return member
}

function hear(member: Member, chunk: Buffer): void {
  if (member.missing === undefined) {
    const before = member.heard.length
    member.heard += chunk.toString('latin1', 0, longestHead)
    const end = member.heard.indexOf('\r\n\r\n')
    if (end < 0) return
    if (!member.heard.startsWith('HTTP/1.1 200')) {
      member.fail(new Error(member.heard.slice(0, 40)))
      return
    }
    const length = Number(/content-length: (\d+)/i.exec(member.heard)?.[1])
    member.missing = length - (before + chunk.length - end - 4)
  } else member.missing -= chunk.length
  if (member.missing <= 0) member.done()
}
