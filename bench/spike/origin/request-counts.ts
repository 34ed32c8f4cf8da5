import type { Socket } from 'node:net'

/** Requests at the origin since the counts were last taken. */
export interface OriginCounts {
  requests: number
  /**
   * Requests for versions: held reloads, and media. Each has a version of its own, which a perfect cache
   * requests once.
   */
  versioned: number
  versions: number
  /** Most requests for one version. */
  most: number
  /** Bytes that the origin wrote to its connections. */
  bytes: number
}

/** Maximum number of different targets that are counted apart. */
const maxTargets = 50_000
const directive = /_HLS_\w+=[^&]*/g
const media = /\.(?:m4s|mp4|ts)$/

/** Creates counts of requests by their version. */
export function createRequestCounts() {
  const versions = new Map<string, number>()
  const total = { requests: 0, versioned: 0, bytes: 0 }
  /** Bytes that each open connection had written when the counts were last taken. */
  const written = new Map<Socket, number>()
  function count(socket: Socket) {
    total.bytes += socket.bytesWritten - (written.get(socket) ?? 0)
    written.set(socket, socket.bytesWritten)
  }

  return {
    add(target: string): void {
      total.requests++
      const [path = '', query = ''] = target.split('?', 2)
      const directives = query.match(directive) ?? []
      const hasVersion = media.test(path) || directives.some((each) => each.startsWith('_HLS_msn='))
      if (!hasVersion) return
      total.versioned++
      const version = `${path}?${directives.join('&')}`
      if (versions.size < maxTargets || versions.has(version))
        versions.set(version, (versions.get(version) ?? 0) + 1)
    },
    /** Counts what a connection writes until it ends. */
    watch(socket: Socket): void {
      if (written.has(socket)) return
      written.set(socket, socket.bytesWritten)
      socket.once('close', () => {
        count(socket)
        written.delete(socket)
      })
    },
    /** Returns the counts, and begins again at 0. */
    take(): OriginCounts {
      for (const socket of written.keys()) count(socket)
      const counts = { ...total, versions: versions.size, most: Math.max(0, ...versions.values()) }
      Object.assign(total, { requests: 0, versioned: 0, bytes: 0 })
      versions.clear()
      return counts
    },
  }
}
