import { setTimeout as delay } from 'node:timers/promises'
import type { RequestHandler } from '../core/process/http-server.ts'
import {
  createOrigin,
  createPresentation,
  type Presentation,
  type PresentationOptions,
} from './packager/packager.ts'
import type { SessionHost } from './session/session-dependencies.ts'

export interface SessionHostOptions {
  peerKey: string
  /** Called for each part with the time from the arrival of its last byte to its publication, in seconds. */
  onPartDelay: NonNullable<PresentationOptions['onPartDelay']>
}

/**
 * Time for which an ended presentation stays available: a number of target durations, and a margin in ms.
 * Players poll a playlist about once per segment, and may be several segments behind.
 */
const lingerTargets = 6
const lingerMarginMs = 6000

/** Serves the presentations of this process: live ones, and ended ones until players have seen their end. */
export function createSessionHost(options: SessionHostOptions): SessionHost & {
  handle: RequestHandler
  /** Stops serving ended presentations now. Resolves when the `onGone` of each has settled. */
  end(): Promise<void>
} {
  const { peerKey, onPartDelay } = options
  const bySession = new Map<string, Presentation>()
  const bySlug = new Map<string, Presentation>()
  const ending = new AbortController()
  const retired = new Set<Promise<void>>()

  function close(presentation: Presentation) {
    const { sessionId, slug } = presentation
    if (bySession.get(sessionId) === presentation) bySession.delete(sessionId)
    if (bySlug.get(slug) === presentation) bySlug.delete(slug)
  }

  return {
    handle: createOrigin({
      peerKey,
      presentations: {
        bySession: (sessionId) => bySession.get(sessionId),
        bySlug: (slug) => bySlug.get(slug),
      },
    }),
    open(presentationOptions) {
      const presentation = createPresentation({ ...presentationOptions, onPartDelay })
      bySession.set(presentation.sessionId, presentation)
      bySlug.set(presentation.slug, presentation)
      return presentation
    },
    close,
    retire(presentation, onGone) {
      const lingerMs = lingerTargets * presentation.targetDuration * 1000 + lingerMarginMs
      const gone = delay(lingerMs, undefined, { signal: ending.signal })
        .catch(() => {})
        .then(async () => {
          await onGone()
          close(presentation)
        })
        .finally(() => retired.delete(gone))
      retired.add(gone)
    },
    async end() {
      ending.abort()
      await Promise.allSettled(retired)
    },
  }
}
