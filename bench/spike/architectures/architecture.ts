import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { NowcastError } from '../../../core/process/errors.ts'
import { proportionalBytes } from '../../figures/process-figures.ts'
import { mediaMtxVersion } from '../../stand/mediamtx.ts'
import { hasNginx } from '../../stand/nginx-cache.ts'
import { hasNginxRtmp } from '../../stand/nginx-rtmp.ts'
import type { OriginProcess } from '../origin/origin-process.ts'

/** What is between the origin and the viewers. */
type Layer = 'nginx' | 'edge' | 'shield'

/** Another system that is measured as it is. */
export type Peer = 'nginx-rtmp' | 'mediamtx'

/** What a hypothesis says about a figure. */
export interface Claim {
  /** `latenessP99` and `latencyP50` are in ms. */
  figure: 'knee' | 'originPerVersion' | 'latenessP99' | 'latencyP50'
  atLeast?: number
  atMost?: number
  /** Architecture whose figure the limit is a multiple of. */
  times?: string
}

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
  /** What the hypothesis says about figures. It is refuted when one of them is not so. */
  claims: readonly Claim[]
  expectedKnee: number
}

export interface ServerProcess {
  name: string
  pid: number
  /** Returns the recent delay of its event loop, ms. Undefined for programs that do not report it. */
  loopDelayMs?(): Promise<number>
}

/** An architecture that runs. */
export interface Stand {
  /** Where viewers request. They are spread evenly. */
  urls: readonly string[]
  /** Path of the multivariant playlist. */
  path: string
  origin: Pick<OriginProcess, 'takeCounts' | 'pausePublisher' | 'breakConnections'>
  servers: readonly ServerProcess[]
  /** Memory of each server before its first viewer, by its pid, bytes. */
  emptyBytes: ReadonlyMap<number, number>
  /** Configurations by name. */
  configs: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const folder = import.meta.dirname

const peerPackages: Record<Peer, { isInstalled(): boolean; missing: string }> = {
  'nginx-rtmp': { isInstalled: hasNginxRtmp, missing: 'nginx and libnginx-mod-rtmp' },
  mediamtx: { isInstalled: () => mediaMtxVersion() !== undefined, missing: 'mediamtx on the PATH' },
}

/** Returns the programs that an architecture lacks; undefined when it can be started. */
export function missingFor({ layers, peer }: Pick<Architecture, 'layers' | 'peer'>): string | undefined {
  if (peer !== undefined && !peerPackages[peer].isInstalled()) return peerPackages[peer].missing
  return layers.includes('nginx') && !hasNginx() ? 'nginx' : undefined
}

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

/** Returns the memory that servers have now, by their pid, bytes. */
export const memoryOf = (servers: readonly ServerProcess[]): Map<number, number> =>
  new Map(servers.map(({ pid }) => [pid, proportionalBytes(pid)]))
