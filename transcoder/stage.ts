import { setTimeout as delay } from 'node:timers/promises'
import type { RequestHandler } from '../core/process/http-server.ts'
import type { Presentation } from './hls/interface.ts'
import { createOrigin } from './hls/origin/origin.ts'
import { createPresentation } from './hls/presentation.ts'
import type { Stage } from './session/session.ts'

export interface StageOptions {
  clusterSecret: string
  segmentMs: number
  /** Time that a part spent in the packager, s. */
  onPartDelay(kind: 'video' | 'audio', seconds: number): void
}

/** Players poll a playlist once per target duration and may be as far behind: then none is left that has not seen the end. */
const lingerTargets = 6
const lingerMarginMs = 6000

/** Serves presentations: new ones, live ones, and ended ones for as long as players may want to read their end. */
export function createStage({ clusterSecret, segmentMs, onPartDelay }: StageOptions): Stage & {
  handle: RequestHandler
  /** Forgets the ended ones at once. */
  end(): Promise<void>
} {
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
      clusterSecret,
      presentations: {
        bySession: (sessionId) => bySession.get(sessionId),
        bySlug: (slug) => bySlug.get(slug),
      },
    }),
    open(options) {
      const presentation = createPresentation({ ...options, onPartDelay })
      bySession.set(presentation.sessionId, presentation)
      bySlug.set(presentation.slug, presentation)
      return presentation
    },
    close,
    retire(presentation, onGone) {
      const lingerMs = lingerTargets * segmentMs + lingerMarginMs
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
