import { createBackoff } from '../../core/mechanisms/backoff.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { fullVideo, type TranscodePlan } from '../plan/plan.ts'
import { type SlateLibrary, slateKey } from './slate-library.ts'
import type { SlateMedia } from './slate-media.ts'

export interface SessionSlateOptions {
  library: SlateLibrary
  /** Returns the SHA-256 of the channel's present slate; undefined when it has none. */
  wanted(): string | undefined
  /** Called when a slate can be shown. */
  onReady(): void
  failures: { inc(): void }
  log: Log
}

/**
 * First and maximum time after which a slate that failed is tried again, ms. A manager may be away, or the
 * slate was replaced, which applies from the next publish.
 */
const [firstRetryMs, maxRetryMs] = [15_000, 240_000]

/** A slate that is prepared for the renditions of a plan, or that failed. */
interface Preparation {
  key: string
  media?: SlateMedia
  release(): void
}

export type SessionSlate = ReturnType<typeof createSessionSlate>

/** Prepares the slate of a session while there is a publisher, so that it can be shown at once. */
export function createSessionSlate({ library, wanted, onReady, failures, log }: SessionSlateOptions) {
  let present: Preparation | undefined
  let timer: NodeJS.Timeout | undefined
  const backoff = createBackoff({ firstMs: firstRetryMs, maxMs: maxRetryMs })

  function drop() {
    clearTimeout(timer)
    present?.release()
    present = undefined
  }

  /** Prepares the slate for all renditions that a plan can get. `plan`: that of the newest epoch. */
  function prepare(plan: TranscodePlan): void {
    const sha256 = wanted()
    const whole = { ...plan, video: fullVideo(plan) }
    const key = sha256 && whole.video.length > 0 ? slateKey(sha256, whole) : undefined
    if (present?.key === key) return
    drop()
    if (sha256 === undefined || key === undefined) return
    const { media, release } = library.use(sha256, whole)
    const preparation: Preparation = { key, release }
    present = preparation
    media.then(
      (ready) => {
        preparation.media = ready
        backoff.reset()
        log.info({ sha256, seconds: ready.lengthMs / 1000 }, 'the slate is ready')
        if (present === preparation) onReady()
      },
      (error: unknown) => {
        failures.inc()
        log.warn({ sha256, detail: messageOf(error) }, 'the slate cannot be shown')
        if (present !== preparation) return
        timer = setTimeout(() => {
          drop()
          prepare(plan)
        }, backoff.next())
      },
    )
  }

  return {
    prepare,
    /** Returns the slate, if it is ready and has all video renditions of a plan. */
    of(plan: TranscodePlan): SlateMedia | undefined {
      const media = present?.media
      return plan.video.length > 0 && plan.video.every(({ name }) => media?.renditions.has(name))
        ? media
        : undefined
    },
    close: drop,
  }
}
