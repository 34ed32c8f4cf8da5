import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '../../../test/kit/wait-for.ts'
import type { NetworkNode } from '../../stand/namespaces.ts'
import { type Cluster, type Role, roles } from './cluster/cluster.ts'
import type { KeptProcess } from './cluster/kept-process.ts'
import type { Publisher } from './cluster/publisher.ts'
import type { EventKind } from './schedule.ts'

interface Scene {
  cluster: Cluster
  publishers: readonly Publisher[]
  /** Waits; rejects when the run is broken off. */
  wait(ms: number): Promise<void>
}

/** A kind of event that can be done. `act` resolves when the fault is over. */
export interface Fault extends EventKind {
  act(scene: Scene, target: number, lengthMs: number): Promise<unknown>
}

const both = ['a', 'b'] as const
const seconds = (min: number, max = min): [number, number] => [min * 1000, max * 1000]

const processOf = ({ cluster }: Scene, role: Role, target: number): KeptProcess => {
  const found = cluster.processes[role][target]
  if (found === undefined) throw new Error(`there is no ${role} ${target}`)
  return found
}

/** Cuts a node off from all others for a time. */
async function cutOff({ wait }: Scene, node: NetworkNode, ms: number): Promise<void> {
  node.cut()
  try {
    await wait(ms)
  } finally {
    node.join()
  }
}

/** Faults of one process of a role. */
const roleFaults = (role: Role): Fault[] => [
  {
    ...{ name: `${role} killed`, targets: both, lengthMs: seconds(0), backMs: 8000 },
    act: async (scene, target) => {
      const process = processOf(scene, role, target)
      const { starts } = process
      process.signal('SIGKILL')
      await untilStartedAgain(process, starts)
    },
  },
  {
    ...{ name: `${role} frozen`, targets: both, lengthMs: seconds(5, 20), backMs: 2000 },
    async act(scene, target, lengthMs) {
      const process = processOf(scene, role, target)
      process.signal('SIGSTOP')
      try {
        await scene.wait(lengthMs)
      } finally {
        process.signal('SIGCONT')
      }
    },
  },
  {
    ...{ name: `${role} gets SIGTERM`, targets: both, lengthMs: seconds(0) },
    backMs: role === 'edge' || role === 'transcoder' ? 25_000 : 10_000,
    async act(scene, target) {
      const process = processOf(scene, role, target)
      const { starts } = process
      process.signal('SIGTERM')
      await untilStartedAgain(process, starts)
    },
  },
  {
    ...{ name: `${role} cut off`, targets: both, lengthMs: seconds(5, 20), backMs: 3000 },
    act: (scene, target, lengthMs) => cutOff(scene, processOf(scene, role, target).node, lengthMs),
  },
]

const untilStartedAgain = (process: KeptProcess, starts: number) =>
  waitFor(`${process.name} to be started again`, () => process.starts > starts, { timeoutMs: 60_000 })

/** Kills the primary of Redis, and waits until another one has its place. */
async function killPrimary({ cluster }: Scene) {
  const primary = await cluster.redis.primary()
  const { starts } = primary
  primary.signal('SIGKILL')
  await waitFor('the failover', async () => (await cluster.redis.primary()) !== primary, {
    timeoutMs: 30_000,
    everyMs: 250,
  })
  await untilStartedAgain(primary, starts)
}

const publisherFaults: Fault[] = [
  {
    ...{ name: "publisher's link down", targets: both, lengthMs: seconds(3, 20), backMs: 3000 },
    async act(scene, target, lengthMs) {
      const publisher = scene.publishers[target]
      if (publisher !== undefined) await cutOff(scene, publisher.node, lengthMs)
    },
  },
  {
    ...{ name: 'publisher killed, back at once', targets: both, lengthMs: seconds(0), backMs: 2000 },
    act: async ({ publishers }, target) => publishers[target]?.killAndReturn(),
  },
]

const serverFaults: Fault[] = [
  {
    ...{ name: 'both managers killed', targets: ['a and b'], lengthMs: seconds(0), backMs: 10_000 },
    async act(scene) {
      const managers = scene.cluster.processes.manager
      const starts = managers.map((each) => each.starts)
      for (const each of managers) each.signal('SIGKILL')
      await Promise.all(managers.map((each, index) => untilStartedAgain(each, starts[index] ?? 0)))
    },
  },
  {
    ...{ name: 'Redis primary killed', targets: ['primary'], lengthMs: seconds(0), backMs: 10_000 },
    act: killPrimary,
  },
  {
    ...{ name: 'Redis primary cut off', targets: ['primary'], lengthMs: seconds(5, 20), backMs: 12_000 },
    async act(scene, _, lengthMs) {
      const { node } = await scene.cluster.redis.primary()
      await cutOff(scene, node, lengthMs)
    },
  },
  {
    ...{ name: 'object store down', targets: ['store'], lengthMs: seconds(20, 60), backMs: 8000 },
    async act({ cluster: { store }, wait }, _, lengthMs) {
      await store.kill()
      await wait(lengthMs)
      await store.restart()
    },
  },
  {
    ...{ name: 'disk full', targets: ['transcoder-a'], lengthMs: seconds(20, 40), backMs: 1000 },
    async act({ cluster: { disk }, wait }, _, lengthMs) {
      disk.fill()
      try {
        await wait(lengthMs)
      } finally {
        disk.empty()
      }
    },
  },
]

/** All that can happen. */
export const faults: readonly Fault[] = [...roles.flatMap(roleFaults), ...publisherFaults, ...serverFaults]

/** Waits until all processes run and are ready. Returns those that are not after `timeoutMs`. */
export async function untilAllReady({ all }: Cluster, timeoutMs: number): Promise<KeptProcess[]> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const states = await Promise.all(all().map(async (each) => ({ each, isReady: await each.isReady() })))
    const missing = states.filter(({ isReady }) => !isReady).map(({ each }) => each)
    if (missing.length === 0 || performance.now() > deadline) return missing
    await delay(200)
  }
}
