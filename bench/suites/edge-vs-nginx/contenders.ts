import { startBenchEdge } from '../../stand/edge-process.ts'
import { startNginxCache } from '../../stand/nginx-cache.ts'
import { type ScriptedOrigin, startScriptedOrigin } from '../../stand/scripted-origin.ts'

/** A cache under test. All contenders have the same origin. */
export interface Contender {
  name: 'nowcast' | 'nginx' | 'tuned'
  url: string
  /** The process whose CPU time is measured; for nginx its worker. */
  pid: number
}

export interface Contest {
  origin: ScriptedOrigin
  contenders: readonly Contender[]
  /** Path of the live session; the renditions are below it. */
  base: string
  stop(): Promise<void>
}

/**
 * Starts an edge, an nginx with default settings and a tuned nginx, all on core 0 in front of the same
 * origin.
 */
export async function startContest(): Promise<Contest> {
  const origin = await startScriptedOrigin()
  const nginx = await startNginxCache(new URL(origin.url).host, { tuned: false })
  const tuned = await startNginxCache(new URL(origin.url).host, { tuned: true })
  const edge = await startBenchEdge(origin.url)
  return {
    origin,
    contenders: [
      { name: 'nowcast', url: edge.url, pid: edge.pid },
      { name: 'nginx', url: nginx.url, pid: nginx.pid },
      { name: 'tuned', url: tuned.url, pid: tuned.pid },
    ],
    base: edge.base,
    async stop() {
      await edge.stop()
      await nginx.stop()
      await tuned.stop()
      origin.stop()
    },
  }
}
