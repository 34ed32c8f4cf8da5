import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { trackTimes } from './fragments.ts'
import { type ReadPlaylist, readMultivariant, readPlaylist } from './playlist.ts'
import { type PublishOptions, startPublisher } from './publisher.ts'
import { waitFor } from './wait-for.ts'
import { startWhole, type Whole } from './whole.ts'

export interface PlaylistAnswer {
  status: number
  headers: Headers
  text: string
  playlist: ReadPlaylist
  /** MSN of the newest whole segment, -1 when there is none. */
  lastWhole: number
  /** What comes next: the part after the newest one. */
  next: { msn: number; part: number }
  /** `performance.now()` before and after the request. */
  askedAt: number
  arrivedAt: number
}

export type LiveChannel = Awaited<ReturnType<typeof startLiveChannel>>

type Options = Omit<PublishOptions, 'url'> & {
  slug: string
  latency?: 'ultra' | 'low' | 'standard'
  env?: Record<string, string>
}

/** A whole nowcast with one channel on the air, seen from the edge as a player sees it. `video` means the top video rendition. */
export async function startLiveChannel({ slug, latency = 'low', env = {}, ...publish }: Options) {
  const whole = await startWhole({ env })
  const created = await whole.api('POST', '/v1/channels', { slug, latency })
  const publisher = startPublisher({ ...publish, url: `${whole.rtmpUrl}/${created.streamKey}` })
  const base = `${whole.edgeUrl}/live/${slug}/`
  try {
    await waitFor(`${slug} to be live`, async () => (await fetch(`${base}index.m3u8`)).ok, {
      timeoutMs: 15_000,
    })
  } catch (error) {
    await publisher.stop('SIGKILL')
    await whole.stop()
    throw error
  }
  return { ...reading(whole, base), ...driving(whole, publisher), slug, whole }
}

function reading(whole: Whole, base: string) {
  const get = (uri: string, headers: Record<string, string> = {}) => fetch(new URL(uri, base), { headers })

  async function playlistAt(uri: string, query = ''): Promise<PlaylistAnswer> {
    const askedAt = performance.now()
    const response = await get(query ? `${uri}?${query}` : uri)
    const text = await response.text()
    const arrivedAt = performance.now()
    const playlist = readPlaylist(response.ok ? text : '')
    const newest = playlist.segments.at(-1)
    const lastWhole = playlist.segments.findLast((segment) => segment.uri !== undefined)?.msn ?? -1
    const next =
      newest && !newest.uri ? { msn: newest.msn, part: newest.parts.length } : { msn: lastWhole + 1, part: 0 }
    return {
      status: response.status,
      headers: response.headers,
      text,
      playlist,
      lastWhole,
      next,
      askedAt,
      arrivedAt,
    }
  }

  const multivariant = async () => readMultivariant(await (await get('index.m3u8')).text())

  async function playlistUris(): Promise<string[]> {
    const { variants, media } = await multivariant()
    const uris = [...variants.map(({ uri }) => uri), ...media.map((each) => each.get('URI') ?? '')]
    return [...new Set(uris.filter((uri) => uri !== ''))]
  }

  async function uriOf(which: 'video' | 'audio'): Promise<string> {
    const { variants, media } = await multivariant()
    const uri =
      which === 'video'
        ? variants.find(({ attributes }) => attributes.has('RESOLUTION'))?.uri
        : media[0]?.get('URI')
    return known.get(which) ?? remember(which, uri ?? '')
  }
  /** Playlists outlive the channel's time on the air, the multivariant playlist does not. */
  const known = new Map<string, string>()
  function remember(which: string, uri: string) {
    if (uri !== '') known.set(which, uri)
    return uri
  }

  async function mediaAt(playlistUri: string, uri: string) {
    const response = await get(resolve(playlistUri, uri))
    return {
      status: response.status,
      headers: response.headers,
      body: Buffer.from(await response.arrayBuffer()),
    }
  }

  /** A URI of a playlist as one relative to the channel. */
  function resolve(playlistUri: string, uri: string): string {
    return new URL(uri, new URL(playlistUri, base)).href.slice(base.length)
  }

  const playlist = async (which: 'video' | 'audio', query: string) =>
    playlistAt(known.get(which) ?? (await uriOf(which)), query)

  /** The playlist as it is when its next part comes: plain ones may be half a target duration old. */
  async function fresh(uri: string): Promise<PlaylistAnswer> {
    const { next } = await playlistAt(uri)
    return playlistAt(uri, `_HLS_msn=${next.msn}&_HLS_part=${next.part}`)
  }

  return {
    base,
    fresh,
    uriOf,
    edgeUrl: whole.edgeUrl,
    playlist,
    playlistAt,
    playlistUris,
    multivariant,
    resolve,
    mediaAt,
    media: async (which: 'video' | 'audio', uri: string) =>
      mediaAt(known.get(which) ?? (await uriOf(which)), uri),
    raw: (uri: string, headers: Record<string, string> = {}) => rawGet(new URL(uri, base), headers),

    async allPlaylists(): Promise<Map<string, ReadPlaylist>> {
      const uris = await playlistUris()
      const read = await Promise.all(
        uris.map(async (uri) => [uri, (await playlistAt(uri)).playlist] as const),
      )
      return new Map(read)
    },

    /** Waits until at least so many segments were whole, counted by the sequence number. */
    async untilSegments(which: 'video' | 'audio', count: number): Promise<void> {
      await waitFor(`segment ${count}`, async () => (await playlist(which, '')).lastWhole + 1 >= count, {
        timeoutMs: 60_000,
        everyMs: 250,
      })
    },

    /** The next `count` versions, each asked for with a blocking reload for the part to come. */
    async follow(which: 'video' | 'audio', count: number): Promise<ReadPlaylist[]> {
      const versions: ReadPlaylist[] = []
      let { next, playlist: first } = await playlist(which, '')
      versions.push(first)
      while (versions.length < count) {
        const answer = await playlist(which, `_HLS_msn=${next.msn}&_HLS_part=${next.part}`)
        versions.push(answer.playlist)
        next = answer.next
      }
      return versions
    },

    /** Waits until nothing new comes for a second. */
    async untilStill(which: 'video' | 'audio'): Promise<PlaylistAnswer> {
      let hash = ''
      let since = performance.now()
      return waitFor('the playlist to stand still', async () => {
        const answer = await playlist(which, '')
        const now = createHash('sha1').update(answer.text).digest('hex')
        if (now !== hash) since = performance.now()
        hash = now
        return performance.now() - since > 1000 && answer
      })
    },

    /** Decode times (ticks) and keyframe flags of every frame in the newest `count` whole segments of each video rendition. */
    async decodeTimes(count: number): Promise<Map<string, string[]>> {
      const uris = (await multivariant()).variants
        .filter(({ attributes }) => attributes.has('RESOLUTION'))
        .map(({ uri }) => uri)
      const playlists = await Promise.all(
        uris.map(async (uri) => ({ uri, playlist: (await playlistAt(uri)).playlist })),
      )
      const newest = Math.min(
        ...playlists.map((each) => each.playlist.segments.findLast((segment) => segment.uri)?.msn ?? 0),
      )
      const times = new Map<string, string[]>()
      for (const each of playlists) {
        const wanted = each.playlist.segments.filter(
          ({ msn, uri }) => uri && msn > newest - count && msn <= newest,
        )
        const bodies = await Promise.all(wanted.map(({ uri }) => mediaAt(each.uri, uri ?? '')))
        times.set(
          each.uri,
          bodies.flatMap(({ body }) => trackTimes(body)),
        )
      }
      return times
    },

    /** The status for a path sent exactly as it stands, without the tidying that URL parsers do. */
    requestPath(path: string): Promise<{ status: number }> {
      const { hostname, port } = new URL(base)
      return new Promise((done, reject) => {
        request({ hostname, port, path }, (response) => {
          response.resume()
          response.on('end', () => done({ status: response.statusCode ?? 0 }))
        })
          .on('error', reject)
          .end()
      })
    },
  }
}

/** Without fetch, which always accepts gzip and hides it. */
function rawGet(
  url: URL,
  headers: Record<string, string>,
): Promise<{ status: number; headers: Headers; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const plain = new Headers(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        )
        resolve({ status: response.statusCode ?? 0, headers: plain, body: Buffer.concat(chunks) })
      })
    })
      .on('error', reject)
      .end()
  })
}

function driving(whole: Whole, publisher: ReturnType<typeof startPublisher>) {
  return {
    pausePublisher: () => publisher.kill('SIGSTOP'),
    resumePublisher: () => publisher.kill('SIGCONT'),
    stopPublisher: () => publisher.stop('SIGINT'),
    async stop(): Promise<void> {
      publisher.kill('SIGCONT')
      await publisher.stop('SIGKILL')
      await whole.stop()
    },
  }
}
