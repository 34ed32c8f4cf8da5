import { Agent, get } from 'node:http'
import { bodyOf, renditions } from './show-origin.ts'

/** Segments of a show that viewers ask for: those near the live edge. */
const newest = 8

/** What a viewer asks next: which share of all questions it is, and the path. */
const mix: readonly [share: number, pathOf: (base: string, slug: string) => string][] = [
  [0.05, (_base, slug) => `/live/${slug}/index.m3u8`],
  [0.2, (base) => `${base}/${any(renditions)}.m3u8`],
  [0.15, (base) => `${base}/${any(renditions)}.m3u8?_HLS_msn=${number(newest)}&_HLS_part=${number(6)}`],
  [0.05, (base) => `${base}/1/${any(renditions)}/init.mp4`],
  [0.35, (base) => `${base}/1/${any(renditions)}/${number(newest)}.${number(6)}.m4s`],
  [0.18, (base) => `${base}/1/${any(renditions)}/${number(newest)}.m4s`],
  [0.02, (base) => `${base}/1/missing/${number(newest)}.m4s`],
]
/** Of all viewers of media, those who leave in the midst of it, and those who want but a range. */
const [leaving, ranging] = [0.03, 0.03]

/** A session that can be watched. */
export interface Show {
  slug: string
  sessionId: string
}

/** What viewers came to know. */
export interface Sights {
  answers: number
  bytes: number
  left: number
  /** Of sessions that went while they were asked for, and of what never was. */
  notFound: number
  /** Anything else, by what it was. */
  wrong: Map<string, number>
}

/** Some viewers ask for any of the shows, one thing after the other, until told to end; each body is compared. */
export async function watchShows(
  url: string,
  viewers: number,
  shows: () => readonly Show[],
  signal: AbortSignal,
): Promise<Sights> {
  const agent = new Agent({ keepAlive: true, maxSockets: viewers })
  const sights: Sights = { answers: 0, bytes: 0, left: 0, notFound: 0, wrong: new Map() }
  const fail = (what: string) => void sights.wrong.set(what, (sights.wrong.get(what) ?? 0) + 1)

  async function view() {
    while (!signal.aborted) {
      const { slug, sessionId } = popular(shows())
      const base = `/live/${slug}/${sessionId}`
      const path = anyPath(base, slug)
      const isMedia = path.endsWith('.m4s')
      const range = isMedia && Math.random() < ranging ? { range: 'bytes=1000-20999' } : undefined
      const leaves = isMedia && Math.random() < leaving
      const answer = await ask(agent, url + path, range ?? {}, leaves).catch((error: Error) => error.message)
      if (answer === 'left') sights.left += 1
      else if (typeof answer === 'string') fail(answer)
      else if (answer.status === 404) sights.notFound += 1
      else if (answer.status !== 200 && answer.status !== 206) fail(String(answer.status))
      else {
        sights.answers += 1
        sights.bytes += answer.body.length
        // The playlist of a channel is of whatever is live; the origin answers it by its path alone.
        const whole = bodyOf(path)
        const expected = answer.status === 206 ? whole.subarray(1000, 21_000) : whole
        if (!expected.equals(answer.body)) fail('another body')
      }
    }
  }
  await Promise.all(Array.from({ length: viewers }, view))
  agent.destroy()
  return sights
}

const number = (below: number) => Math.floor(Math.random() * below)

/** Few shows have most of the viewers. */
const popular = <Item>(shows: readonly Item[]): Item => any(shows.slice(number(shows.length)))

function any<Item>(items: readonly Item[]): Item {
  const item = items[number(items.length)]
  if (item === undefined) throw new Error('there is nothing to choose from')
  return item
}

function anyPath(base: string, slug: string): string {
  let left = Math.random()
  for (const [share, pathOf] of mix) {
    left -= share
    if (left < 0) return pathOf(base, slug)
  }
  return `/live/${slug}/index.m3u8`
}

function ask(agent: Agent, url: string, headers: Record<string, string>, leaves: boolean) {
  return new Promise<{ status: number; body: Buffer } | 'left'>((resolve, reject) => {
    const sent = get(url, { agent, headers, timeout: 20_000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (!leaves) return
        sent.destroy()
        resolve('left')
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
      response.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error('no answer in 20 s')))
    sent.on('error', reject)
  })
}
