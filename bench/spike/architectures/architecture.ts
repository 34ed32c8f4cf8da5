import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { NowcastError } from '../../../core/process/errors.ts'
import type { OriginProcess } from '../origin/origin-process.ts'

/** What is between the origin and the viewers. */
type Layer = 'nginx' | 'edge' | 'shield'

/** Another system that is measured as it is. */
export type Peer = 'nginx-rtmp' | 'mediamtx'

/** An architecture under test, as its file declares it. */
export interface Architecture {
  /** Name of its file; its first letter is short for it. */
  id: string
  name: string
  about: string
  /**
   * In the order from the origin to the viewers. Equal neighbours share the layer's load. Without layers the
   * viewers request from the origin.
   */
  layers: readonly Layer[]
  /** Another system that receives the publisher itself, without an origin of ours. */
  peer?: Peer
  /** Whether there are parts. Without them viewers load segments of 2 s. */
  isLowLatency: boolean
  /** What is expected, written before any run, and the crowd with which the search for the knee begins. */
  hypothesis: string
  expectedKnee: number
}

export interface ServerProcess {
  name: string
  pid: number
}

/** An architecture that runs. */
export interface Stand {
  /** Where viewers request. They are spread evenly. */
  urls: readonly string[]
  /** Path of the multivariant playlist. */
  path: string
  origin: Pick<OriginProcess, 'takeCounts' | 'pausePublisher' | 'breakConnections'>
  servers: readonly ServerProcess[]
  /** Configurations by name. */
  configs: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const folder = import.meta.dirname

/** Returns all declared architectures, in the order of their names. */
export const readArchitectures = (): Architecture[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ id: basename(file, '.json'), ...JSON.parse(readFileSync(join(folder, file), 'utf8')) }))

/**
 * Returns the architectures with these ids or first letters.
 * @throws NowcastError `bad_settings` when there is no such architecture
 */
export function chooseArchitectures(names: readonly string[]): Architecture[] {
  const all = readArchitectures()
  return names.map((name) => {
    const found = all.find(({ id }) => id === name || id.split('-')[0] === name)
    if (found !== undefined) return found
    const ids = all.map(({ id }) => id).join(', ')
    throw new NowcastError('bad_settings', `there is no architecture "${name}": choose from ${ids}`)
  })
}
