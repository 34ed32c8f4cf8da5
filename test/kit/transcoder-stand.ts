import type { Source } from '../../core/media/source.ts'
import { readPlaylist } from './playlist.ts'
import { startRedis } from './redis.ts'
import { makeTempDir } from './temp-dir.ts'
import { type FlvSource, pictureArgs, startFlvSource } from './transcoder-flv-source.ts'
import { goLive, type LiveChannel } from './transcoder-ingest.ts'
import { clusterSecret, fetchOrigin, startTranscoder } from './transcoder-process.ts'

export interface ShowOptions extends NonNullable<Parameters<typeof pictureArgs>[0]> {
  /** Options of ffmpeg instead of the usual picture and tone. */
  args?: readonly string[]
  /** What the ingest tells of it; a friendly source of the given size otherwise. */
  source?: Source
  expectedGopMs?: number
}

/** A session that is on air. */
export interface Show extends LiveChannel {
  flv: FlvSource
  /** A playlist of it, as the origin that is in the registry gives it. */
  playlist(rendition: string): Promise<ReturnType<typeof readPlaylist>>
  /** Takes it off air. */
  [Symbol.asyncDispose](): Promise<void>
}

export function sourceOf(size = '640x360', fps = 30, channels = 2): Source {
  const [width = 0, height = 0] = size.split('x').map(Number)
  return {
    video: {
      codec: 'h264',
      codecString: null,
      width,
      height,
      fps,
      isBrowserFriendly: true,
      gopMs: null,
      bitrate: 0,
    },
    audio:
      channels === 0
        ? null
        : { codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 48_000, channels, bitrate: 128_000 },
    bitrate: 0,
    jitterMs: 0,
  }
}

/** Redis, transcoders and shows of one test file; `close` ends them all. */
export async function buildStand() {
  const directory = makeTempDir()
  const redis = await startRedis()
  const shows = new Set<() => Promise<void>>()
  const transcoders = new Set<{ stop(): Promise<unknown> }>()

  return {
    redis,
    async transcoder(env: Record<string, string> = {}) {
      const transcoder = startTranscoder(redis.url, directory.path, env)
      transcoders.add(transcoder)
      await transcoder.ready()
      return transcoder
    },
    async show({ args, source, expectedGopMs, ...picture }: ShowOptions = {}): Promise<Show> {
      const flv = await startFlvSource({ args: args ?? pictureArgs(picture), secret: clusterSecret })
      const channel = await goLive({
        redisUrl: redis.url,
        flvUrl: flv.url,
        newestMs: () => flv.newestMs,
        source: source ?? sourceOf(picture.size, picture.fps, picture.channels),
        ...(expectedGopMs === undefined ? {} : { expectedGopMs }),
      })
      const end = async () => {
        if (!shows.delete(end)) return
        await channel.end()
        await flv.stop()
        await channel.close()
      }
      shows.add(end)
      return Object.assign(channel, {
        flv,
        [Symbol.asyncDispose]: end,
        async playlist(rendition: string) {
          const origin = await channel.origin()
          if (origin === undefined) throw new Error('no origin')
          const path = `/live/${channel.session.slug}/${channel.sessionId}/${rendition}.m3u8`
          const response = await fetchOrigin(origin.url, path)
          if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
          return readPlaylist(await response.text())
        },
      })
    },
    async close(): Promise<void> {
      for (const end of shows) await end()
      for (const transcoder of transcoders) await transcoder.stop()
      await redis.stop()
      directory.remove()
    },
  }
}
