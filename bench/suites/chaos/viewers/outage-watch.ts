import type { PendingRequest } from '../../../viewer/wire/client.ts'
import type { MovingConnections } from './moving-connections.ts'

/** Time for which the watch page waits for a response before it leaves an edge, ms. */
const attemptTimeoutMs = 540
/** Silence that is usual, as a multiple of a piece, and its lower bound, ms. */
const silentPieces = 1.5
const minSilentMs = 940
/** Buffer with which silence does not matter yet, s. */
const enoughSeconds = 1.2

/**
 * Creates the part of the watch page that leaves an edge from which nothing comes any more: when media gets
 * short, it asks for a playlist, and moves to the next edge when there is no response.
 * @param path path of a playlist to which each edge responds at once
 * @param pieceSeconds length of what the viewer loads, s
 */
export function createOutageWatch(connections: MovingConnections, path: string, pieceSeconds: number) {
  const usualMs = Math.max(minSilentMs, pieceSeconds * 1000 * silentPieces)
  let attempt: PendingRequest | undefined
  let timer: NodeJS.Timeout | undefined

  function end() {
    clearTimeout(timer)
    attempt = undefined
  }

  return {
    /** To be called often, with the media ahead of the playhead, s. */
    look(bufferSeconds: number): void {
      const silentMs = performance.now() - connections.respondedAt
      if (attempt !== undefined || bufferSeconds >= enoughSeconds || silentMs <= usualMs) return
      attempt = connections.request(path, { onResponse: end, onFailure: end })
      timer = setTimeout(() => {
        attempt?.abort()
        end()
        connections.leave()
      }, attemptTimeoutMs)
    },
    close(): void {
      attempt?.abort()
      end()
    },
  }
}
