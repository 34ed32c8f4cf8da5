import { createPoll } from '../../../core/mechanisms/poll.ts'
import { readMultivariant, readPlaylist } from '../../../test/kit/playlist.ts'
import { SequenceCheck } from './sequence-check.ts'

/** A number in a playlist that went back or left something out. Unix time, ms. */
export interface SequenceStep {
  at: number
  where: string
  what: string
}

/** Another session of a channel. Unix time, ms. */
export interface SessionChange {
  at: number
  slug: string
  from: string
  to: string
  /** Time for which the publisher was away before it, ms. */
  awayMs: number
}

/** Time between two reads, and maximum time for a response, ms. */
const [everyMs, timeoutMs] = [1000, 2000]
const sessionInUri = /s_[A-Za-z0-9_-]{22}/

/**
 * Reads a media playlist of each channel at each edge once a second, with no part in any player. `awayMs`
 * returns the time for which the publisher of a channel was away last, ms.
 */
export function startPlaylistReaders(
  edgeUrls: readonly string[],
  slugs: readonly string[],
  awayMs: (slug: string) => number,
) {
  const steps: SequenceStep[] = []
  const changes: SessionChange[] = []
  const checks = new Map<string, SequenceCheck>()
  /** All sessions of each channel, in the order in which they were seen. */
  const sessions = new Map<string, string[]>(slugs.map((slug) => [slug, []]))

  async function text(url: URL | string): Promise<string> {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
    return response.text()
  }

  async function read(edgeUrl: string, slug: string) {
    const multivariantUrl = `${edgeUrl}/live/${slug}/index.m3u8`
    const { variants } = readMultivariant(await text(multivariantUrl))
    const uri = variants[0]?.uri ?? ''
    const sessionId = sessionInUri.exec(uri)?.[0]
    if (sessionId === undefined) return
    const at = Date.now()
    const known = sessions.get(slug) ?? []
    if (!known.includes(sessionId)) {
      const from = known.at(-1)
      if (from !== undefined) changes.push({ at, slug, from, to: sessionId, awayMs: awayMs(slug) })
      known.push(sessionId)
    }
    const key = `${edgeUrl} ${slug} ${uri}`
    const check = checks.get(key) ?? new SequenceCheck()
    checks.set(key, check)
    const playlist = readPlaylist(await text(new URL(uri, multivariantUrl)))
    for (const what of check.read(playlist, at)) steps.push({ at, where: `${slug} at ${edgeUrl}`, what })
  }

  const polls = edgeUrls.flatMap((edgeUrl) =>
    slugs.map((slug) => createPoll(() => read(edgeUrl, slug), { everyMs })),
  )
  return {
    steps: steps as readonly SequenceStep[],
    changes: changes as readonly SessionChange[],
    /** Returns the ids of all sessions. */
    sessionIds: () => [...sessions.values()].flat(),
    /** Returns the number of segments without media, of all edges and channels. */
    gaps: () => [...checks.values()].reduce((sum, { gaps }) => sum + gaps, 0),
    stop: () => Promise.all(polls.map((poll) => poll.close())),
  }
}
