import type { HealthView } from '../../core/api/health.ts'
import { verdictOf } from '../../core/coach/issues/issue.ts'
import { type Moment, review } from '../../core/coach/review.ts'
import type { SignalLog } from '../../core/coach/signal/signal-log.ts'
import type { Language } from '../../core/coach/texts/sentences.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import { messageOf } from '../../core/process/errors.ts'
import { Problem } from '../http/problem.ts'
import type { LiveSnapshot } from '../sessions/live-view.ts'
import type { SessionStore, StoredSession } from '../store/sessions.ts'
import type { SignalHistory } from '../store/signal-history.ts'
import { pastIssues, pastIssueView, pastVerdict, presentIssue, sampleViews } from './health-view.ts'
import { factsOf } from './session-facts.ts'

/** Time for which a review is used again, ms, so that many readers cost as much as one. */
const freshMs = 900
/** Maximum number of reviews in memory. */
const maxReviews = 500
/** Number of samples from which there is something to judge. */
const minSamples = 3
/** Age of the newest sample above which there is no signal, ms. It includes differences of clocks. */
const maxAgeMs = 15_000

export interface HealthServiceDependencies {
  sessions: Pick<SessionStore, 'byId' | 'page'>
  history: Pick<SignalHistory, 'samples' | 'issues'>
  signals: Pick<SignalLog, 'newest'>
  live: { readonly snapshot: LiveSnapshot }
}

export interface HealthOptions {
  language: Language
  /** Number of newest samples to list of a live session. */
  seconds: number
}

export type HealthService = ReturnType<typeof createHealthService>

/**
 * Creates the operations that judge the signal of a session. What they say about a live session depends on
 * its samples in Redis only, so all managers say the same.
 */
export function createHealthService({ sessions, history, signals, live }: HealthServiceDependencies) {
  const reviewLive = createReviews(signals, live)

  async function ofLive(session: LiveSession, { language, seconds }: HealthOptions): Promise<HealthView> {
    const { sessionId, slug, startedAt, interruption } = session
    const moments = await reviewLive(session)
    const newest = moments.at(-1)
    const now = Date.now()
    const isJudged =
      !interruption && newest && moments.length >= minSamples && now - newest.sample.at < maxAgeMs
    const issues = isJudged ? newest.issues : []
    const samples = moments.map(({ sample }) => sample)
    return {
      ...{ sessionId, channel: slug, state: interruption ? 'interrupted' : 'live' },
      startedAt: new Date(startedAt).toISOString(),
      endedAt: null,
      verdict: isJudged ? verdictOf(issues) : 'none',
      issues: issues.map((issue) => presentIssue(issue, newest?.sample.at ?? now, language)),
      everyMs: 1000,
      samples: seconds === 0 ? [] : sampleViews(samples).slice(-seconds),
    }
  }

  async function ofStored(session: StoredSession, language: Language): Promise<HealthView> {
    const { id, slug, startedAt, endedAt } = session
    const spanMs = (endedAt ?? Date.now()) - startedAt
    const [{ steps, found }, { everyMs, samples }] = await Promise.all([
      history.issues(id),
      history.samples(id, spanMs),
    ])
    const issues = pastIssues(found)
    return {
      ...{ sessionId: id, channel: slug, state: endedAt === null ? 'live' : 'ended' },
      startedAt: new Date(startedAt).toISOString(),
      endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
      verdict: pastVerdict(issues, steps),
      issues: issues.map((issue) => pastIssueView(issue, language)),
      everyMs,
      samples: sampleViews(samples),
    }
  }

  return {
    /**
     * Returns the health of a session: now while it is live, of its whole time when it has ended.
     * @throws Problem `session_not_found`, `redis_unavailable`
     */
    async get(id: string, options: HealthOptions): Promise<HealthView> {
      const session = live.snapshot.sessions.get(id)
      if (session) return ofLive(session, options)
      const stored = await sessions.byId(id)
      if (stored === undefined) throw new Problem('session_not_found', `No session has the id ${id}`)
      return ofStored(stored, options.language)
    },

    /**
     * Returns the health of the live session of a channel, or else of its last one; null when it has none.
     * @throws Problem `redis_unavailable`
     */
    async ofChannel(
      { id, slug }: { id: string; slug: string },
      options: HealthOptions,
    ): Promise<HealthView | null> {
      const session = live.snapshot.byChannel.get(id)
      if (session) return ofLive(session, options)
      const [last] = await sessions.page({ slug }, 1)
      // A channel that was created again with the same slug does not show the sessions of the former one.
      return last?.channelId === id ? ofStored(last, options.language) : null
    },
  }
}

/**
 * Returns a function that reviews the newest samples of a live session, at most about once a second.
 * It rejects with the Problem `redis_unavailable`.
 */
function createReviews(
  signals: HealthServiceDependencies['signals'],
  live: HealthServiceDependencies['live'],
) {
  const reviews = new BoundedMap<string, { readAt: number; moments: Promise<Moment[]> }>(maxReviews)

  return (session: LiveSession): Promise<Moment[]> => {
    const { sessionId } = session
    const known = reviews.get(sessionId)
    if (known && performance.now() - known.readAt < freshMs) return known.moments
    const moments = signals.newest(sessionId).then(
      (samples) => review(samples, factsOf(session, live.snapshot)),
      (error) => {
        reviews.delete(sessionId)
        throw new Problem('redis_unavailable', `No samples: ${messageOf(error)}`, { cause: error })
      },
    )
    reviews.set(sessionId, { readAt: performance.now(), moments })
    return moments
  }
}
