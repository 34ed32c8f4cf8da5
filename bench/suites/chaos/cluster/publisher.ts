import { setTimeout as delay } from 'node:timers/promises'
import { startProcess, type TestProcess } from '../../../../test/kit/processes.ts'
import { publishArguments } from '../../../../test/kit/publisher.ts'
import type { NetworkNode } from '../../../stand/namespaces.ts'

/** Waits before a new connection, ms: as OBS does, growing by half with each failure. */
const retryMs = { first: 2000, factor: 1.5, max: 10_000 }
/** Run time after which a connection counts as good, ms. */
const goodAfterMs = 5000

export type Publisher = ReturnType<typeof startReconnectingPublisher>

/**
 * Publishes a small picture from a namespace. Connects again whenever the connection has ended, as OBS does.
 */
export function startReconnectingPublisher(node: NetworkNode, url: string) {
  const stopping = new AbortController()
  const args = publishArguments({ url, size: '640x360', videoBitrate: 500_000, gopSeconds: 1 })
  const [program, ...more] = node.within('ffmpeg', args)
  const failures: string[] = []
  let present: TestProcess = startProcess(program, more)
  let isBackAtOnce = false
  /** When the last good connection ended, and when the present one began, ms. */
  let awaySince: number | undefined
  let startedAt = performance.now()
  let connections = 1
  const isGood = () => performance.now() - startedAt > goodAfterMs

  async function run() {
    for (let wait = retryMs.first; !stopping.signal.aborted; ) {
      await present.exited
      if (stopping.signal.aborted) return
      failures.push(present.lines.at(-1) ?? 'no output')
      if (isGood()) {
        awaySince = performance.now()
        wait = retryMs.first
      }
      await delay(isBackAtOnce ? 0 : wait, undefined, { signal: stopping.signal }).catch(() => {})
      isBackAtOnce = false
      wait = Math.min(retryMs.max, wait * retryMs.factor)
      if (stopping.signal.aborted) return
      present = startProcess(program, more)
      startedAt = performance.now()
      connections += 1
    }
  }
  const running = run()

  return {
    node,
    /** Number of connections that were begun, and the last line that each one that ended had written. */
    get connections() {
      return connections
    },
    failures: failures as readonly string[],
    /** Returns the time from the end of the last good connection to the next one, or until now, ms. */
    awayMs: () => (awaySince === undefined ? 0 : (isGood() ? startedAt : performance.now()) - awaySince),
    /** Kills the publisher without notice. It publishes again at once. */
    killAndReturn(): void {
      isBackAtOnce = true
      present.kill('SIGKILL')
    },
    /** Ends the stream as an encoder does, and does not publish again. */
    async stop(): Promise<void> {
      stopping.abort()
      await present.stop('SIGINT', 5000)
      await running
    },
  }
}
