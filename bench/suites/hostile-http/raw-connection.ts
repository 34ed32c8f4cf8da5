import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface Received {
  text: string
  lastedMs: number
}

/** Number of received characters after which further ones are dropped. */
const maxKeptLength = 200_000

/**
 * Sends the pieces on a new connection, `pauseMs` apart. Returns what was received until the connection
 * ended, or until `listenMs` after the last piece if it did not.
 */
export async function sendRaw(
  { hostname, port }: URL,
  pieces: readonly string[],
  { listenMs, pauseMs = 0 }: { listenMs: number; pauseMs?: number },
): Promise<Received> {
  const begin = performance.now()
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let text = ''
  let hasEnded = false
  const ended = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      if (text.length < maxKeptLength) text += chunk.toString('latin1')
    })
    for (const event of ['end', 'close', 'error'] as const)
      socket.on(event, () => {
        hasEnded = true
        resolve()
      })
  })
  const pause = (ms: number) => Promise.race([ended, new Promise((resolve) => setTimeout(resolve, ms))])
  for (const piece of pieces) {
    if (hasEnded) break
    socket.write(piece, 'latin1')
    await (pauseMs > 0 ? pause(pauseMs) : nextTurn())
  }
  if (!hasEnded) await pause(listenMs)
  const received = { text, lastedMs: performance.now() - begin }
  socket.destroy()
  return received
}
