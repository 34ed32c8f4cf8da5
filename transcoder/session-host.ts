import { setTimeout as delay } from 'node:timers/promises'
import type { RequestHandler } from '../core/process/http-server.ts'
import {
  createOrigin,
  createPresentation,
  type Presentation,
  type PresentationOptions,
} from './packager/packager.ts'
import type { SessionHost } from './session/session-dependencies.ts'
import type { SegmentKeeper } from './store/segment-keeper.ts'
import type { SessionStore } from './store/session-store.ts'

export interface SessionHostOptions {
  peerKey: string
  /** Called for each part with the time from the arrival of its last byte to its publication, in seconds. */
  onPartDelay: NonNullable<PresentationOptions['onPartDelay']>
  /** Stores the segments; undefined when they are not stored. */
  store: SessionStore | undefined
}

/**
 * Time for which an ended presentation stays available: a number of target durations, and a margin in ms.
 * Players poll a playlist about once per segment, and may be several segments behind.
 */
const lingerTargets = 6
const lingerMarginMs = 6000
/** Maximum time to wait for uploads of a presentation that is left to another transcoder, ms. */
const storedMs = 500
/** Maximum time to remove ended sessions when the process ends, ms. */
const removalMs = 2000

/** Serves the presentations of this process: live ones, and ended ones until players have seen their end. */
export function createSessionHost(options: SessionHostOptions): SessionHost & {
  handle: RequestHandler
  /** Stops serving ended presentations now. Resolves when each is removed, or after `removalMs`. */
  end(): Promise<void>
} {
  const { peerKey, onPartDelay, store } = options
  const bySession = new Map<string, Presentation>()
  const bySlug = new Map<string, Presentation>()
  const ending = new AbortController()
  const retired = new Set<Promise<void>>()
  const keepers = new Map<Presentation, SegmentKeeper>()

  function close(presentation: Presentation) {
    const { sessionId, slug } = presentation
    if (bySession.get(sessionId) === presentation) bySession.delete(sessionId)
    if (bySlug.get(slug) === presentation) bySlug.delete(slug)
    keepers.get(presentation)?.close()
    keepers.delete(presentation)
  }

  return {
    handle: createOrigin({
      peerKey,
      presentations: {
        bySession: (sessionId) => bySession.get(sessionId),
        bySlug: (slug) => bySlug.get(slug),
      },
    }),
    adopt: async (origin) => store?.adopt(origin),
    open(presentationOptions) {
      const keeper = store?.keeperOf(presentationOptions.sessionId)
      const presentation = createPresentation({ ...presentationOptions, ...keeper?.events, onPartDelay })
      if (keeper) keepers.set(presentation, keeper)
      keeper?.begin(presentation)
      bySession.set(presentation.sessionId, presentation)
      bySlug.set(presentation.slug, presentation)
      return presentation
    },
    close,
    async stored(presentation) {
      await Promise.race([keepers.get(presentation)?.stored(), delay(storedMs, undefined, { ref: false })])
    },
    retire(presentation, onGone) {
      const lingerMs = lingerTargets * presentation.targetDuration * 1000 + lingerMarginMs
      const gone = delay(lingerMs, undefined, { signal: ending.signal })
        .catch(() => {})
        .then(async () => {
          await onGone()
          close(presentation)
          await store?.remove(presentation.sessionId)
        })
        .finally(() => retired.delete(gone))
      retired.add(gone)
    },
    async end() {
      ending.abort()
      await Promise.race([Promise.allSettled(retired), delay(removalMs, undefined, { ref: false })])
    },
  }
}
