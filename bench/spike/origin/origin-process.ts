import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { multivariantPath } from '../../../core/playback/media-paths.ts'
import { readMultivariant } from '../../../test/kit/playlist.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import type { OriginCounts } from './request-counts.ts'

export interface OriginOptions {
  sessionId: string
  slug: string
  /** Length of a part, ms; null for a channel without parts. */
  partMs: number | null
  /** Whether there is a second, smaller variant, which costs an encoder. */
  hasRung: boolean
  /** Frames per second of the source. */
  fps: number
}

/** What is sent for `count`. */
export interface OriginSample extends OriginCounts {
  /** Longest delay of the origin's event loop, ms. */
  lagMs: number
}

/** `pause` stops the publisher, and `outage` ends all connections and accepts none, both for `ms`. */
export type OriginCommand = { do: 'count' } | { do: 'pause' | 'outage'; ms: number }

export type OriginProcess = Awaited<ReturnType<typeof startOriginProcess>>

/**
 * Starts the origin of a live session, whose source is an FLV file, as a process of its own on `cores`.
 * Resolves when it can be played.
 */
export async function startOriginProcess(source: string, options: OriginOptions, cores: string) {
  const main = join(import.meta.dirname, 'main.ts')
  const child = spawn('taskset', ['-c', cores, process.execPath, main, source, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const [ready] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])])
  if (typeof ready !== 'string') throw new Error('the origin ended at its start')
  const url = `http://127.0.0.1:${JSON.parse(ready).port}`
  const send = (command: OriginCommand) => void child.stdin.write(`${JSON.stringify(command)}\n`)
  await waitFor('the origin to have a segment', async () => {
    const multivariantUrl = url + multivariantPath(options.slug)
    const [variant] = readMultivariant(await (await fetch(multivariantUrl)).text()).variants
    if (variant === undefined) return false
    const playlist = await fetch(new URL(variant.uri, multivariantUrl))
    return (await playlist.text()).includes('#EXTINF')
  })
  return {
    url,
    pid: child.pid ?? Number.NaN,
    /** Returns the requests and the delay since the last call. */
    async takeCounts(): Promise<OriginSample> {
      send({ do: 'count' })
      const [line] = await once(lines, 'line')
      return JSON.parse(String(line)).counts
    },
    pausePublisher: (ms: number) => send({ do: 'pause', ms }),
    breakConnections: (ms: number) => send({ do: 'outage', ms }),
    async stop() {
      if (child.exitCode !== null) return
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
