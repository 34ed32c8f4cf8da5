import { afterAll, beforeAll } from 'vitest'
import type { Source } from '../../../core/media/source.ts'
import { channelFolder } from '../../../core/playback/media-paths.ts'
import { plainFacts, plainPicture } from '../plain-source.ts'
import { readPlaylist } from '../playlist.ts'
import { startRedis, type TestRedis } from '../redis.ts'
import { writeScript } from '../script.ts'
import { makeTempDir } from '../temp-dir.ts'
import { type AnnouncedSession, announceSession } from './announced-session.ts'
import { type FlvSource, startFlvSource, type TestVideoOptions, testVideoArgs } from './flv-source.ts'
import { fetchOrigin, keys, spawnTranscoder } from './transcoder-process.ts'

export interface TestSessionOptions extends TestVideoOptions {
  /** Arguments of ffmpeg in place of those for the usual test video. */
  args?: readonly string[]
  /** Source as ingest would describe it. By default it has the size of the video and suits browsers. */
  source?: Source
  expectedGopMs?: number
  /** Priority of the channel; 0 by default. */
  priority?: number
}

/** A live session whose media comes from an ffmpeg. */
export interface TestSession extends AnnouncedSession {
  flv: FlvSource
  /**
   * Fetches a file from the origin in the registry. `path` is relative to the folder of the session.
   * @throws Error when there is no origin, or when the status is not 2xx
   */
  fetch(path: string): Promise<Response>
  /** Fetches and parses the media playlist of a rendition. */
  playlist(rendition: string): Promise<ReturnType<typeof readPlaylist>>
  /** Ends the session and its ffmpeg. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Describes a source that browsers can play; it has no audio if `channels` is 0. */
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
      ...plainPicture,
      gopMs: null,
      bitrate: 0,
    },
    audio:
      channels === 0
        ? null
        : { codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 48_000, channels, bitrate: 128_000 },
    bitrate: 0,
    jitterMs: 0,
    ...plainFacts,
  }
}

/**
 * Starts a Redis for a test file. Ends it after the tests, with the sessions and transcoders that
 * `startSession` and `startTranscoder` have started.
 */
export function useTranscoderFixture() {
  const directory = makeTempDir()
  const sessions = new Set<() => Promise<void>>()
  const transcoders = new Set<{ stop(): Promise<unknown> }>()
  let redis: TestRedis | undefined
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => {
    for (const end of sessions) await end()
    for (const transcoder of transcoders) await transcoder.stop()
    await redis?.stop()
    directory.remove()
  })

  const runningRedis = () => {
    if (!redis) throw new Error('the fixture is available in tests and hooks only')
    return redis
  }
  function spawn(env: Record<string, string> = {}) {
    const transcoder = spawnTranscoder(runningRedis().url, directory.path, env)
    transcoders.add(transcoder)
    return transcoder
  }

  return {
    /** Directory that is removed after the tests. */
    directory: directory.path,
    get redis() {
      return runningRedis()
    },
    /** Starts a transcoder for a test in which the start fails. */
    spawnTranscoder: spawn,
    /**
     * Starts a transcoder and waits until it is ready. It is stopped after the tests. A test that declares it
     * with `await using` leaves none to the next test, also when it fails.
     */
    async startTranscoder(env?: Record<string, string>) {
      const transcoder = spawn(env)
      await transcoder.ready()
      return transcoder
    },
    async startSession(options?: TestSessionOptions): Promise<TestSession> {
      const session = await startSession(runningRedis().url, options)
      const end = async () => {
        if (sessions.delete(end)) await session.stop()
      }
      sessions.add(end)
      return Object.assign(session, { [Symbol.asyncDispose]: end })
    },
    /** Writes a shell script that runs in place of ffmpeg. Returns its path. */
    writeScript: (name: string, body: string) => writeScript(directory.path, name, body),
  }
}

async function startSession(redisUrl: string, options: TestSessionOptions = {}) {
  const { args, source, expectedGopMs = null, priority, ...video } = options
  const flv = await startFlvSource({ args: args ?? testVideoArgs(video), secret: keys.sourceKey })
  const session = await announceSession({
    redisUrl,
    flvUrl: flv.url,
    newestMs: () => flv.newestMs,
    source: source ?? sourceOf(video.size, video.fps, video.channels),
    expectedGopMs,
    priority,
  })

  async function fetchFile(path: string): Promise<Response> {
    const origin = await session.origin()
    if (origin === undefined) throw new Error('no origin')
    const response = await fetchOrigin(
      origin.url,
      `${channelFolder(session.record.slug)}/${session.sessionId}/${path}`,
    )
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return response
  }

  return Object.assign(session, {
    flv,
    fetch: fetchFile,
    playlist: async (rendition: string) => readPlaylist(await (await fetchFile(`${rendition}.m3u8`)).text()),
    async stop(): Promise<void> {
      await session.end()
      await flv.stop()
      await session.close()
    },
  })
}
