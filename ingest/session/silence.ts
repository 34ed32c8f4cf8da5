import { setTimeout as delay } from 'node:timers/promises'
import type { Source } from '../../core/media/source.ts'

/** Time without media after which a publisher counts as silent, ms. */
const silentAfterMs = 800
/** Number of frames that must be missing, if there is a picture and no sound. */
const silentFrames = 3
/**
 * Time from the start of the check in which media may still arrive that a lost publisher had sent before, ms.
 */
const inFlightMs = 200
const checkEveryMs = 20

interface SilentSession {
  readonly source: Source | null
  readonly lastMediaAt: number | undefined
}

/**
 * Whether a publisher has sent nothing for `silentAfterMs`, or for the time of `silentFrames` if that is
 * longer. Waits until this is certain, at most `inFlightMs` longer than that time. False while the source is
 * unknown, because the session has not begun.
 */
export async function isSilent(session: SilentSession): Promise<boolean> {
  const { source } = session
  if (source === null) return false
  const fps = source.audio === null ? (source.video?.fps ?? 0) : 0
  const limitMs = Math.max(silentAfterMs, fps > 0 ? (silentFrames * 1000) / fps : 0)
  const askedAt = performance.now()
  for (;;) {
    const lastAt = session.lastMediaAt ?? 0
    if (performance.now() - lastAt >= limitMs) return true
    if (lastAt > askedAt + inFlightMs) return false
    await delay(checkEveryMs)
  }
}
