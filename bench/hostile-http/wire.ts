import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface Heard {
  text: string
  /** How long the connection lasted, ms. */
  lastedMs: number
}

/** More of an answer is not kept, characters. */
const mostHeard = 200_000

/** Sends the pieces one after the other over a connection of its own; gives what came until it was ended, or for `listenMs` after the last. */
export async function exchange(
  { hostname, port }: URL,
  pieces: readonly string[],
  { listenMs, pauseMs = 0 }: { listenMs: number; pauseMs?: number },
): Promise<Heard> {
  const begin = performance.now()
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let text = ''
  let wasEnded = false
  const ended = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      if (text.length < mostHeard) text += chunk.toString('latin1')
    })
    for (const event of ['end', 'close', 'error'] as const)
      socket.on(event, () => {
        wasEnded = true
        resolve()
      })
  })
  const pause = (ms: number) => Promise.race([ended, new Promise((resolve) => setTimeout(resolve, ms))])
  for (const piece of pieces) {
    if (wasEnded) break
    socket.write(piece, 'latin1')
    await (pauseMs > 0 ? pause(pauseMs) : nextTurn())
  }
  if (!wasEnded) await pause(listenMs)
  const heard = { text, lastedMs: performance.now() - begin }
  socket.destroy()
  return heard
}
