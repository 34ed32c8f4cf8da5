import { createPoll } from '../../../../core/mechanisms/poll.ts'

/** Time between two questions to the manager, and maximum time for a response, ms. */
const [everyMs, timeoutMs] = [1000, 2000]

export type Steering = ReturnType<typeof followSteering>

/**
 * Asks the manager where viewers of each edge should be, with the URL in the playlists of the channel (HLS
 * Content Steering, RFC 8216bis section 7). One poller asks for all simulated viewers.
 */
export function followSteering(edgeUrls: readonly string[], slug: string) {
  /** Steering server and name of each edge, as its newest multivariant playlist had them. */
  const known = new Map<number, { server: string; pathway: string }>()
  const choices = new Map<number, number>()

  async function learn(edge: number) {
    const response = await fetch(`${edgeUrls[edge]}/live/${slug}/index.m3u8`, {
      signal: AbortSignal.timeout(timeoutMs),
    })
    const [, server, pathway] =
      /^#EXT-X-CONTENT-STEERING:SERVER-URI="([^"]+)",PATHWAY-ID="([^"]+)"/m.exec(await response.text()) ?? []
    if (server !== undefined && pathway !== undefined) known.set(edge, { server, pathway })
  }

  async function ask(edge: number) {
    await learn(edge).catch(() => {})
    const place = known.get(edge)
    if (place === undefined) return
    const url = `${place.server}${place.server.includes('?') ? '&' : '?'}_HLS_pathway=${place.pathway}`
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    const { 'PATHWAY-PRIORITY': order } = (await response.json()) as { 'PATHWAY-PRIORITY': string[] }
    const chosen = [...known].find(([, { pathway }]) => pathway === order[0])
    if (chosen !== undefined) choices.set(edge, chosen[0])
  }

  const polls = edgeUrls.map((_, edge) => createPoll(() => ask(edge), { everyMs }))
  return {
    /** Returns the index of the edge that viewers of an edge should use: the same one in doubt. */
    choiceFor: (edge: number): number => choices.get(edge) ?? edge,
    stop: () => Promise.all(polls.map((poll) => poll.close())),
  }
}
