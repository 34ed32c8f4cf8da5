import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createRandom } from '../../../test/kit/random.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { createNetwork, type Network } from '../../stand/namespaces.ts'
import { type Interruption, inScope, interruptible, type OnCleanup } from '../../stand/scope.ts'
import { type Cluster, startCluster } from './cluster/cluster.ts'
import { type Fault, untilAllReady } from './faults.ts'
import { processesIn } from './leftovers.ts'
import { type ChaosOptions, readChaosOptions } from './options.ts'
import { type ChaosRecord, type PastEvent, reportChaos } from './report.ts'
import { type PlannedEvent, planEvents, restMs } from './schedule.ts'
import { type Show, startShow } from './show.ts'

/** Bounds of the time after which a service manager starts a process again, ms. */
const restartMs = [2000, 5000] as const
/** Maximum time until the cluster is whole after a fault, ms. */
const maxBackMs = 30_000
/** A show is well: maximum time without a new frame in Chromium, and minimum share of viewers who play. */
const well = { stillMs: 2000, playingShare: 0.99 }

/**
 * Runs a cluster in network namespaces with viewers, and lets processes, links and servers fail one after
 * another. Options: see `readChaosOptions`.
 */
export async function chaos(args: string[]): Promise<SuiteResult> {
  const options = readChaosOptions(args)
  const record = await interruptible((by) =>
    inScope(async (onCleanup) => {
      const network = createNetwork()
      onCleanup(network.remove)
      const seen = await inScope((onCleanup) => run(options, network, by, onCleanup))
      say(seen.startedAt, 'everything has ended')
      await by.wait(1000)
      return { ...seen, orphans: processesIn(network.nodes) }
    }),
  )
  const { minutes, seed, viewers, settleSeconds, logs } = options
  if (logs !== undefined) writeFileSync(join(logs, 'record.json'), JSON.stringify(record, undefined, 1))
  return reportChaos(
    record,
    viewers,
    `${minutes} minutes, seed ${seed}, ${viewers} simulated viewers, keys after ${settleSeconds} s`,
  )
}

async function run(
  { minutes, seed, viewers, settleSeconds, faults, logs }: ChaosOptions,
  network: Network,
  by: Interruption,
  onCleanup: OnCleanup,
): Promise<Omit<ChaosRecord, 'orphans'>> {
  const began = Date.now()
  const dir = makeTempDir()
  onCleanup(dir.remove)
  if (logs !== undefined) mkdirSync(logs, { recursive: true })
  const random = createRandom(seed)
  const [least, most] = restartMs
  say(began, `starting the cluster at ${network.cidr}`)
  const cluster = await by.orBreak(
    startCluster({
      ...{ network, directory: dir.path, logs, onCleanup },
      restartMs: () => least + random() * (most - least),
    }),
  )
  say(began, 'starting the show')
  const show = await by.orBreak(startShow({ cluster, viewers, seed, onCleanup }))
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  const startedAt = Date.now()
  const plan = planEvents(faults, seed, minutes * 60_000)
  const events = await carryOut(plan, show, by, startedAt, minutes * 60_000)
  lag.disable()
  const seen = await by.orBreak(show.end())
  say(startedAt, `publishers have ended; looking for keys of sessions in ${settleSeconds} s`)
  await by.wait(settleSeconds * 1000)
  const keys = await by.orBreak(show.keysLeft())
  say(startedAt, 'stopping the cluster')
  return { startedAt, events, ...seen, ...keys, loopDelayMs: lag.percentile(99) / 1e6 }
}

/** Lets the planned events happen. Returns those that have happened. */
async function carryOut(
  plan: readonly PlannedEvent<Fault>[],
  show: Show,
  by: Interruption,
  startedAt: number,
  totalMs: number,
): Promise<PastEvent[]> {
  const events: PastEvent[] = []
  const scene = { ...show, wait: by.wait }
  for (const [index, { kind, target, startMs, lengthMs }] of plan.entries()) {
    const rested = (events.at(-1)?.endedAt ?? startedAt - restMs) + restMs
    const startAt = Math.max(startedAt + startMs, rested)
    if (startAt + lengthMs + kind.backMs + restMs > startedAt + totalMs) break
    await by.wait(startAt - Date.now())
    await noteState(events.at(-1), show)
    const name = kind.targets[target] ?? ''
    const event: PastEvent = {
      kind: kind.name,
      target: name,
      startedAt: Date.now(),
      endedAt: 0,
      pageEdge: edgeName(show),
      unwell: [],
    }
    events.push(event)
    const left = ((startedAt + totalMs - Date.now()) / 60_000).toFixed(1)
    const state = `${percentPlaying(show.crowd)} % play, at edges ${show.crowd.atEdges()}`
    const what = `event ${index + 1}: ${kind.name}, ${name}, ${lengthMs} ms`
    say(startedAt, `${left} minutes left; ${state}; ${what}`)
    await by.orBreak(kind.act(scene, target, lengthMs)).catch(async (error: Error) => {
      await by.wait(0)
      event.unwell.push(error.message)
    })
    event.unwell.push(...(await by.orBreak(makeReady(show.cluster))))
    event.endedAt = Date.now()
  }
  await by.wait(Math.min(startedAt + totalMs, (events.at(-1)?.endedAt ?? 0) + restMs) - Date.now())
  await noteState(events.at(-1), show)
  return events
}

/**
 * Waits until all processes are ready. Those that are not in time are killed, as an operator would do, so
 * that later events meet a whole cluster. Returns what was done.
 */
async function makeReady(cluster: Cluster): Promise<string[]> {
  const missing = await untilAllReady(cluster, maxBackMs)
  for (const each of missing) each.signal('SIGKILL')
  if (missing.length > 0) await untilAllReady(cluster, maxBackMs)
  return missing.map(({ name }) => `${name} was not ready after ${maxBackMs / 1000} s and was killed`)
}

/** Notes what is not well at the end of the rest after an event. */
async function noteState(event: PastEvent | undefined, { crowd, page }: Show): Promise<void> {
  if (event === undefined) return
  const isWell = () => page.stillMs() < well.stillMs && crowd.playingShare() >= well.playingShare
  // A short stall that has nothing to do with the event is no reason.
  await waitFor('the show to be well', isWell, { timeoutMs: 3000 }).catch(() => {
    event.unwell.push(
      `${percentPlaying(crowd)} % of the viewers play, Chromium shows no frame for ${page.stillMs()} ms`,
    )
  })
}

/** Returns the name of the edge that Chromium uses. */
const edgeName = ({ cluster, page }: Show): string =>
  cluster.processes.edge.find(({ node }) => page.edge.startsWith(`${node.address}:`))?.name ?? 'none'

const percentPlaying = (crowd: Show['crowd']) => Math.round(100 * crowd.playingShare())

const say = (since: number, text: string) =>
  console.log(`${((Date.now() - since) / 1000).toFixed(0).padStart(5)} s  ${text}`)
