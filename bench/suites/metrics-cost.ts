import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { readMetric } from '../../test/kit/metrics.ts'
import type { SuiteResult } from '../figures/figure-file.ts'
import { cpuSeconds, mainThreadSeconds } from '../figures/process-figures.ts'
import { type Figure, figureTable } from '../figures/table.ts'
import { leaveCore0ToServer, startBenchEdge } from '../stand/edge-process.ts'

/** Number of connections that are opened at the same time. */
const batch = 200
const scrapes = 100
/** Time in which the edge does nothing, for comparison, ms. */
const restMs = 2000

/**
 * Measures what `/metrics` costs an edge with many open connections: of a text that is made for each request,
 * and of the one that is kept for a second. Argument: connections (15000).
 */
export async function metricsCost([connections = '15000']: string[]): Promise<SuiteResult> {
  leaveCore0ToServer()
  const edge = await startBenchEdge('http://127.0.0.1:9', { NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '0' })
  const open: Socket[] = []
  const scrape = async (headers: Record<string, string>) =>
    (await fetch(`${edge.url}/metrics`, { headers })).text()
  try {
    while (open.length < Number(connections))
      open.push(...(await Promise.all(Array.from({ length: batch }, () => connectTo(new URL(edge.url))))))
    const timesOf = () => ({ loop: mainThreadSeconds(edge.pid), process: cpuSeconds(edge.pid) })
    const rest = await spent(timesOf, () => delay(restMs))

    /** Returns the CPU times of one scrape, ms, without those of an edge at rest. */
    const costOf = async (headers: Record<string, string>) => {
      const busy = await spent(timesOf, async () => {
        for (let n = 0; n < scrapes; n += 1) await scrape(headers)
      })
      const one = (what: 'loop' | 'process') => ((busy[what] - rest[what]) * busy.ms) / scrapes
      return { loop: one('loop'), process: one('process') }
    }
    const fresh = await costOf({ 'cache-control': 'no-cache' })
    const kept = await costOf({})
    const costs = (what: string, { loop, process }: typeof fresh): Figure[] => [
      { name: `time of the event loop for a scrape, ${what}`, value: loop, unit: 'ms', atMost: 2 },
      { name: `CPU of the whole process for a scrape, ${what}`, value: process, unit: 'ms' },
    ]
    const figures: Figure[] = [
      {
        name: 'open connections',
        value: await readMetric(edge.url, 'nowcast_edge_connections'),
        unit: '',
      },
      ...costs('text made for it', fresh),
      ...costs('text up to a second old', kept),
    ]
    return { text: figureTable(figures), figures }
  } finally {
    for (const socket of open) socket.destroy()
    await edge.stop()
  }
}

/** Returns the shares of the time that `work` takes, 1 for a whole core, and that time, ms. */
async function spent(
  timesOf: () => Record<'loop' | 'process', number>,
  work: () => Promise<void>,
): Promise<Record<'loop' | 'process' | 'ms', number>> {
  const [before, beganAt] = [timesOf(), performance.now()]
  await work()
  const [after, ms] = [timesOf(), performance.now() - beganAt]
  const share = (what: 'loop' | 'process') => ((after[what] - before[what]) * 1000) / ms
  return { loop: share('loop'), process: share('process'), ms }
}

/** Opens a connection, and waits for the response to a request, so that the edge keeps it for a while. */
async function connectTo({ hostname, port }: URL): Promise<Socket> {
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write('GET /live/none/index.m3u8 HTTP/1.1\r\nHost: a\r\n\r\n')
  await new Promise<void>((resolve, reject) => {
    socket.once('data', () => resolve())
    socket.once('error', reject)
  })
  return socket
}
