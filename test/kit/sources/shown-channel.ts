import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createChannelRenditions } from '../channel-renditions.ts'
import { createChannelRequests } from '../channel-requests.ts'
import type { ReadPlaylist } from '../playlist.ts'
import { makeTempDir } from '../temp-dir.ts'

const run = promisify(execFile)

/** A video rendition as ffprobe describes its newest segments. */
export interface ShownPicture {
  size: string
  frames: number
  isInterlaced: boolean
  hasCaptions: boolean
  /** Errors of the decoder; empty when there are none. */
  errors: string
}

interface ProbedStream {
  width: number
  height: number
  nb_read_frames?: string
  field_order?: string
  closed_captions?: number
}

/** Reads what viewers of a channel get. `base` is the URL of the folder of its multivariant playlist. */
export function createShownChannel(base: string) {
  const requests = createChannelRequests(base)
  const { uriOf, playlist } = createChannelRenditions(requests)

  /** Returns an init segment, then the newest whole segments that need it, at most `count`. */
  async function newestMedia(uri: string, count: number): Promise<Buffer> {
    const { segments } = (await requests.playlistAt(uri)).playlist
    const map = segments.findLast((segment) => segment.uri && !segment.gap)?.map ?? ''
    const whole = segments.filter((segment) => segment.uri && !segment.gap && segment.map === map)
    const uris = [map, ...whole.slice(-count).map((segment) => segment.uri ?? '')]
    return Buffer.concat(
      await Promise.all(uris.map(async (each) => (await requests.mediaAt(uri, each)).body)),
    )
  }

  return {
    ...requests,
    playlist: async (which: 'video' | 'audio') => (await playlist(which, '')).playlist,

    /** Decodes the newest 2 segments of each video rendition, in the order of the multivariant playlist. */
    async pictures(): Promise<ShownPicture[]> {
      const { variants } = await requests.multivariant()
      const videos = variants.filter(({ attributes }) => attributes.has('RESOLUTION'))
      return Promise.all(videos.map(async ({ uri }) => probePicture(await newestMedia(uri, 2))))
    },

    /** Decodes the newest 2 segments of audio. Returns its mean volume, dB; -99 when ffmpeg reports none. */
    async loudness(): Promise<number> {
      return withFile(await newestMedia(await uriOf('audio'), 2), async (path) => {
        const { stderr } = await run('ffmpeg', ['-i', path, '-af', 'volumedetect', '-f', 'null', '-'])
        return Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)?.[1] ?? -99)
      })
    },
  }
}

async function probePicture(media: Buffer): Promise<ShownPicture> {
  return withFile(media, async (path) => {
    const args = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', path]
    const { stdout, stderr } = await run('ffprobe', args)
    const [stream] = (JSON.parse(stdout) as { streams: ProbedStream[] }).streams
    return {
      size: `${stream?.width}x${stream?.height}`,
      frames: Number(stream?.nb_read_frames ?? 0),
      isInterlaced: !['progressive', 'unknown', undefined].includes(stream?.field_order),
      hasCaptions: stream?.closed_captions === 1,
      errors: stderr,
    }
  })
}

async function withFile<T>(bytes: Buffer, use: (path: string) => Promise<T>): Promise<T> {
  const dir = makeTempDir()
  try {
    const path = join(dir.path, 'media.mp4')
    await writeFile(path, bytes)
    return await use(path)
  } finally {
    dir.remove()
  }
}

/** Returns the length of a playlist's media, s, not counting gaps, and its end, ms since the Unix epoch. */
export function extentOf({ segments }: ReadPlaylist): { seconds: number; endsAt: number } {
  const lengthOf = (segment: ReadPlaylist['segments'][number]) =>
    segment.uri ? segment.duration : segment.parts.reduce((sum, { duration }) => sum + duration, 0)
  const shown = segments.filter(({ gap }) => !gap)
  const last = segments.at(-1)
  return {
    seconds: shown.reduce((sum, segment) => sum + lengthOf(segment), 0),
    endsAt: last ? (last.programDateTime ?? 0) + lengthOf(last) * 1000 : 0,
  }
}
