import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { startProcess } from '../../../test/kit/processes.ts'
import { writeResult } from '../../figures/result-file.ts'
import { quantile } from '../../figures/statistics.ts'
import { leaveCore0ToServer } from '../../stand/edge-process.ts'
import { createMediaRecord } from '../../viewer/media/media-record.ts'
import { createViewer } from '../../viewer/viewer.ts'
import type { Viewer } from '../../viewer/viewer-options.ts'
import { createConnections } from '../../viewer/wire/connections.ts'
import { nullServerFile } from './null-server.ts'

type Mode = 'low-latency' | 'classic'

/** One step of the measurement. */
interface Step {
  viewers: number
  requestsPerSecond: number
  /** Share of its core that this process uses. */
  usedCore: number
  /** 99th percentile of the delay of the event loop, ms. */
  lagMs: number
  joinP95Ms: number
  stalls: number
  failures: number
}

/** Viewers per step, and the number at which the measurement ends. */
const steps: Record<Mode, { viewers: number; most: number }> = {
  'low-latency': { viewers: 500, most: 4000 },
  classic: { viewers: 2500, most: 10_000 },
}
/** Number of viewers that join in a second. */
const arrivalsPerSecond = 500
/** Share of the core above which the viewers limit the figures, not the server. */
const maxUsedCore = 0.95

/**
 * Measures how many simulated viewers one core bears against a server that does nothing but respond.
 * Arguments: low-latency|classic (both), seconds of each step (6).
 */
export async function viewerCeiling([mode, seconds = '6']: string[]): Promise<string> {
  leaveCore0ToServer()
  const modes: Mode[] = mode === 'low-latency' || mode === 'classic' ? [mode] : ['low-latency', 'classic']
  const parts: string[] = []
  for (const each of modes) parts.push(await measure(each, Number(seconds)))
  return writeResult(
    'viewer-ceiling',
    'Simulated viewers that one core bears',
    parts.join('\n\n'),
    'a server without work on one core, the viewers on another; media of 200 and 50 kbit/s',
  )
}

async function measure(mode: Mode, seconds: number): Promise<string> {
  const server = startProcess('taskset', ['-c', '0', process.execPath, nullServerFile, mode])
  const viewers: Viewer[] = []
  const rows: Step[] = []
  try {
    const port = /\d+/.exec(await server.line(/^port/))?.[0] ?? ''
    const url = new URL(`http://127.0.0.1:${port}`)
    const record = createMediaRecord()
    const { viewers: perStep, most } = steps[mode]
    while (viewers.length < most && (rows.at(-1)?.usedCore ?? 0) < maxUsedCore) {
      await gather(viewers, perStep, () => open(url, record, mode))
      await delay(2000)
      rows.push(await measureStep(viewers, seconds))
      console.log(`${mode}: ${JSON.stringify(rows.at(-1))}`)
    }
  } finally {
    for (const viewer of viewers) viewer.leave()
    await server.stop()
  }
  return tableOf(mode, rows)
}

function open(url: URL, record: ReturnType<typeof createMediaRecord>, mode: Mode): Viewer {
  const viewer = createViewer(
    { connect: (onDrop) => createConnections({ url, userAgent: 'viewer', onDrop }), record },
    { kind: 'plain', isLowLatency: mode === 'low-latency', path: '/live/bench/index.m3u8', viewerId: '' },
  )
  viewer.start()
  return viewer
}

async function gather(viewers: Viewer[], count: number, openOne: () => Viewer) {
  const begin = performance.now()
  for (let index = 0; index < count; index++) {
    const earlyMs = begin + (index * 1000) / arrivalsPerSecond - performance.now()
    if (earlyMs > 1) await delay(earlyMs)
    viewers.push(openOne())
  }
}

async function measureStep(viewers: readonly Viewer[], seconds: number): Promise<Step> {
  const sum = (of: (viewer: Viewer) => number) => viewers.reduce((total, viewer) => total + of(viewer), 0)
  const requests = () => sum(({ figures }) => Object.values(figures.requests).reduce((a, b) => a + b, 0))
  const failures = () => sum(({ figures }) => figures.errors.size + figures.faults.size + figures.drops)
  const stalls = () => sum(({ figures }) => figures.stalls)
  const before = { requests: requests(), stalls: stalls(), cpu: process.cpuUsage(), at: performance.now() }
  const lag = monitorEventLoopDelay({ resolution: 5 })
  lag.enable()
  await delay(seconds * 1000)
  lag.disable()
  const elapsedMs = performance.now() - before.at
  const { user, system } = process.cpuUsage(before.cpu)
  return {
    viewers: viewers.length,
    requestsPerSecond: ((requests() - before.requests) * 1000) / elapsedMs,
    usedCore: (user + system) / 1000 / elapsedMs,
    lagMs: lag.percentile(99) / 1e6,
    joinP95Ms: quantile(
      viewers.flatMap(({ figures }) => figures.joinMs ?? []),
      0.95,
    ),
    stalls: stalls() - before.stalls,
    failures: failures(),
  }
}

/** Returns a table of all steps. The ceiling is the last step without failures whose core was not used up. */
function tableOf(mode: Mode, rows: readonly Step[]): string {
  const ceiling = rows.findLast(({ usedCore, failures }) => usedCore < maxUsedCore && failures === 0)
  const lines = rows.map(
    ({ viewers, requestsPerSecond, usedCore, lagMs, joinP95Ms, stalls, failures }) =>
      `| ${viewers} | ${Math.round(requestsPerSecond)} | ${Math.round(usedCore * 100)} % | ${Math.round(lagMs)} ms | ${Math.round(joinP95Ms)} ms | ${stalls} | ${failures} |`,
  )
  return [
    `${mode}: ${ceiling?.viewers ?? 0} viewers`,
    '',
    '| viewers | requests/s | core | event loop, p99 | join, p95 | stalls | failures |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}
