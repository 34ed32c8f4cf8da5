import { Agent, get } from 'node:http'
import { bodyOf, renditions } from './noise-origin.ts'

/** Number of segments that viewers request, from MSN 0 on. */
const newestSegments = 8

/** Kinds of requests, with their shares of all requests. */
const requestMix: readonly [share: number, pathOf: (base: string, slug: string) => string][] = [
  [0.05, (_base, slug) => `/live/${slug}/index.m3u8`],
  [0.2, (base) => `${base}/${any(renditions)}.m3u8`],
  [0.15, (base) => `${base}/${any(renditions)}.m3u8?_HLS_msn=${below(newestSegments)}&_HLS_part=${below(6)}`],
  [0.05, (base) => `${base}/1/${any(renditions)}/init.mp4`],
  [0.35, (base) => `${base}/1/${any(renditions)}/${below(newestSegments)}.${below(6)}.m4s`],
  [0.18, (base) => `${base}/1/${any(renditions)}/${below(newestSegments)}.m4s`],
  [0.02, (base) => `${base}/1/missing/${below(newestSegments)}.m4s`],
]
/** Shares of media requests: those that viewers cut off, and those for a range of bytes. */
const [leavingShare, rangeShare] = [0.03, 0.03]

export interface WatchableSession {
  slug: string
  sessionId: string
}

export interface ViewerResults {
  /** Number of responses 200 and 206. */
  responses: number
  /** Length of the bodies of these responses together. */
  bytes: number
  /** Number of responses that viewers aborted. */
  left: number
  /** Number of 404 responses: to requests for sessions that had just ended, and for missing objects. */
  notFound: number
  /** Number of all other failures, by description. */
  wrong: Map<string, number>
}

/**
 * Lets `viewers` viewers request random objects of live sessions until `signal` aborts. Each requests one
 * object at a time, and compares its body with the expected one.
 */
export async function watchSessions(
  url: string,
  viewers: number,
  liveSessions: () => readonly WatchableSession[],
  signal: AbortSignal,
): Promise<ViewerResults> {
  const agent = new Agent({ keepAlive: true, maxSockets: viewers })
  const results: ViewerResults = { responses: 0, bytes: 0, left: 0, notFound: 0, wrong: new Map() }
  const fail = (what: string) => void results.wrong.set(what, (results.wrong.get(what) ?? 0) + 1)

  async function view() {
    while (!signal.aborted) {
      const { slug, sessionId } = popular(liveSessions())
      const base = `/live/${slug}/${sessionId}`
      const path = anyPath(base, slug)
      const isMedia = path.endsWith('.m4s')
      const range = isMedia && Math.random() < rangeShare ? { range: 'bytes=1000-20999' } : undefined
      const leaves = isMedia && Math.random() < leavingShare
      const response = await fetchObject(agent, url + path, range ?? {}, leaves).catch(
        (error: Error) => error.message,
      )
      if (response === 'left') results.left += 1
      else if (typeof response === 'string') fail(response)
      else if (response.status === 404) results.notFound += 1
      else if (response.status !== 200 && response.status !== 206) fail(String(response.status))
      else {
        results.responses += 1
        results.bytes += response.body.length
        // The origin derives each body from the path, so the expected one is known here too.
        const whole = bodyOf(path)
        const expected = response.status === 206 ? whole.subarray(1000, 21_000) : whole
        if (!expected.equals(response.body)) fail('another body')
      }
    }
  }
  await Promise.all(Array.from({ length: viewers }, view))
  agent.destroy()
  return results
}

const below = (limit: number) => Math.floor(Math.random() * limit)

/**
 * Picks a random item, more often one near the end of the list: the newest sessions have the most viewers.
 */
const popular = <Item>(items: readonly Item[]): Item => any(items.slice(below(items.length)))

function any<Item>(items: readonly Item[]): Item {
  const item = items[below(items.length)]
  if (item === undefined) throw new Error('there is nothing to choose from')
  return item
}

function anyPath(base: string, slug: string): string {
  let left = Math.random()
  for (const [share, pathOf] of requestMix) {
    left -= share
    if (left < 0) return pathOf(base, slug)
  }
  return `/live/${slug}/index.m3u8`
}

function fetchObject(agent: Agent, url: string, headers: Record<string, string>, leaves: boolean) {
  return new Promise<{ status: number; body: Buffer } | 'left'>((resolve, reject) => {
    const request = get(url, { agent, headers, timeout: 20_000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (!leaves) return
        request.destroy()
        resolve('left')
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no response in 20 s')))
    request.on('error', reject)
  })
}
