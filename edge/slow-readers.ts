import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export type SlowReaders = ReturnType<typeof createSlowReaders>

/** Cuts viewers who do not take what they asked for: an answer must have left this process `deadlineMs` after it was given. */
export function createSlowReaders(deadlineMs: number, now: () => number) {
  /** Answers on their way, the oldest first. */
  const draining = new Map<ServerResponse, { socket: Socket; until: number }>()
  let cut = 0

  function sweep() {
    const time = now()
    for (const [response, { socket, until }] of draining) {
      if (response.writableFinished || socket.destroyed) draining.delete(response)
      else if (until <= time) {
        draining.delete(response)
        socket.destroy()
        cut += 1
      }
    }
  }
  const timer = setInterval(sweep, Math.min(1000, deadlineMs / 2))

  return {
    /** Watches an answer that was just given, unless the system took all of it at once. */
    watch(socket: Socket, response: ServerResponse): void {
      if (socket.writableLength > 0) draining.set(response, { socket, until: now() + deadlineMs })
    },
    close: (): void => clearInterval(timer),
    get draining() {
      return draining.size
    },
    get cut() {
      return cut
    },
  }
}
