import type { CoachView } from '../../core/api/health.ts'
import type { Language } from './words.ts'

/** Time between two reads, ms: of a live session, of one that is over, and after a failure. */
const [liveMs, pastMs, awayMs] = [1000, 5000, 3000]
/** Maximum time to wait for a response, ms. */
const timeoutMs = 8000

/** `unknown`: the address is of no channel. `away`: the manager does not respond. */
export type CoachState = { at: 'ready'; view: CoachView } | { at: 'unknown' } | { at: 'away' }

/**
 * Reads the health of the channel again and again, and calls `show` with each result. A page that is hidden
 * waits until it is visible. `path`: that of the page, which contains its token.
 */
export async function readHealth(
  path: string,
  language: Language,
  show: (state: CoachState) => void,
): Promise<never> {
  const address = `${path.replace(/\/$/, '')}/health?language=${language}&seconds=60`
  for (;;) {
    const state = await read(address)
    show(state)
    await pause(state.at === 'away' ? awayMs : isLive(state) ? liveMs : pastMs)
    if (document.hidden) await untilVisible()
  }
}

async function read(address: string): Promise<CoachState> {
  try {
    const response = await fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) })
    if (response.status === 404) return { at: 'unknown' }
    if (!response.ok) return { at: 'away' }
    return { at: 'ready', view: (await response.json()) as CoachView }
  } catch {
    return { at: 'away' }
  }
}

const isLive = (state: CoachState) =>
  state.at === 'ready' && state.view.health !== null && state.view.health.state !== 'ended'

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

const untilVisible = () =>
  new Promise<void>((resolve) =>
    document.addEventListener('visibilitychange', () => resolve(), { once: true }),
  )
