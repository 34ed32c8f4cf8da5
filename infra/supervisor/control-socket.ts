import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { messageOf } from '../../core/process/errors.ts'
import { startListening } from '../../core/process/http-server.ts'
import type { Log } from '../../core/process/log.ts'

/** Line for the operator, or the last message: whether the command was carried out. */
export type ControlMessage = { say: string } | { done: boolean }

export const controlSocketOf = (dataDir: string): string => join(dataDir, 'control.sock')

/** Maximum length of a unix socket's path, bytes. macOS allows 103, Linux 107. */
const maxPathBytes = 100

/** Time after which a client that does not close its connection is cut, ms. */
const lingerMs = 1000

/**
 * Listens for `nowcast roll` at a socket in the data dir, which only its owner can open. Each connection asks
 * to roll once, and gets the steps as lines of JSON; one that comes during a roll is refused. Returns the
 * function that closes the socket. Does nothing when the path would be too long for a socket.
 */
export async function openControlSocket(
  dataDir: string,
  roll: (say: (line: string) => void) => Promise<void>,
  log: Log,
): Promise<() => void> {
  const path = controlSocketOf(dataDir)
  if (Buffer.byteLength(path) > maxPathBytes) {
    log.warn(
      { path },
      'the path of the data dir is too long for a control socket: nowcast roll has no effect',
    )
    return () => {}
  }
  let isRolling = false

  async function answer(socket: Socket): Promise<void> {
    const send = (message: ControlMessage) =>
      void (socket.writable && socket.write(`${JSON.stringify(message)}\n`))
    const say = (line: string) => send({ say: line })
    if (isRolling) {
      say('another roll has not ended yet')
      return send({ done: false })
    }
    isRolling = true
    log.info('rolling')
    try {
      await roll((line) => {
        log.info(line)
        say(line)
      })
      send({ done: true })
    } catch (error) {
      log.error({ why: messageOf(error) }, 'the roll was broken off')
      say(messageOf(error))
      send({ done: false })
    } finally {
      isRolling = false
    }
  }

  rmSync(path, { force: true })
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.resume()
    void answer(socket).then(() => {
      socket.end()
      setTimeout(() => socket.destroy(), lingerMs).unref()
    })
  })
  server.maxConnections = 8
  await startListening(server, { path })
  chmodSync(path, 0o600)
  server.unref()
  return () => {
    server.close()
    rmSync(path, { force: true })
  }
}
