import { vi } from 'vitest'
import { createMediaRecord, type MediaRecord } from '../../../bench/viewer/media/media-record.ts'
import { createViewer } from '../../../bench/viewer/viewer.ts'
import type { ViewerOptions } from '../../../bench/viewer/viewer-options.ts'
import { startRealPlayer } from './real-player.ts'
import { createScriptedServer, type ServerScript, scriptedFolder } from './scripted-server.ts'

/** What happens at the server, and what the viewer does, in simulated time. */
export interface Scenario {
  /** Creates a script for each player, because the channel in a script begins when it is created. */
  script: () => ServerScript
  /** Length of the scenario, ms. */
  ms: number
  isLowLatency?: boolean
  /** Variant that is chosen by hand at a time, ms. */
  choice?: { atMs: number; level: number }
}

const path = `${scriptedFolder}index.m3u8`

/** Lets a simulated viewer watch a scripted server. Fake timers must be in use. */
export async function watchScripted(
  { script, ms, isLowLatency = true, choice }: Scenario,
  options: Partial<ViewerOptions> = {},
  record: MediaRecord = createMediaRecord(),
) {
  const server = createScriptedServer(script())
  const connect = () => ({
    request(target: string, listener: { onResponse(response: object): void }) {
      const firstByteAt = () => performance.now()
      const fields = { ageSeconds: 0, retryAfterSeconds: Number.NaN }
      const abort = server.request(target, (response) =>
        listener.onResponse({ ...response, ...fields, firstByteAt: firstByteAt() }),
      )
      return { abort }
    },
    close() {},
  })
  const viewer = createViewer(
    { connect, record },
    { kind: 'plain', isLowLatency, path, viewerId: 'v', ...options },
  )
  viewer.start()
  if (choice) setTimeout(() => viewer.switchTo(choice.level), choice.atMs)
  await vi.advanceTimersByTimeAsync(ms)
  return { figures: viewer.leave(), trace: server.trace }
}

/**
 * Returns the requests of hls.js itself and of a simulated viewer in the same scenario. `fatal`: errors with
 * which hls.js gave up.
 */
export async function traceBoth(scenario: Scenario) {
  const { script, ms, isLowLatency = true, choice } = scenario
  const server = createScriptedServer(script())
  const player = startRealPlayer(server, path, { lowLatencyMode: isLowLatency })
  if (choice)
    setTimeout(() => {
      player.hls.loadLevel = choice.level
    }, choice.atMs)
  await vi.advanceTimersByTimeAsync(ms)
  player.close()
  const { figures, trace } = await watchScripted(scenario)
  // A viewer whose player gives up loads the page again, which hls.js itself does not. These requests do not
  // count.
  const joined = trace.findIndex(({ target }) => target !== path)
  const again = trace.findIndex(({ target }, index) => index > joined && target === path)
  const end = figures.losses > 0 && again > 0 ? again : trace.length
  const fatal = player.errors.flatMap((error) => (error.fatal ? error.details : []))
  return { real: linesOf(server.trace), simulated: linesOf(trace.slice(0, end)), fatal, figures }
}

/**
 * Returns the time, ms, and the target of each request. Picture and sound are independent of each other:
 * their requests in the same millisecond are in the order of their kinds.
 */
function linesOf(trace: readonly { atMs: number; target: string }[]): string[] {
  const isSound = (target: string) => Number(target.includes('audio'))
  return trace
    .map(({ atMs, target }) => ({ atMs: Math.round(atMs), target }))
    .toSorted((one, other) => one.atMs - other.atMs || isSound(one.target) - isSound(other.target))
    .map(({ atMs, target }) => `${atMs} ms ${target.slice(scriptedFolder.length)}`)
}
