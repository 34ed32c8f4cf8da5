import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf, NowcastError } from '../../core/errors.ts'

/** Major and minor number of a release; `Infinity` for a build from newer source that names no release. */
export interface FfmpegVersion {
  major: number
  minor: number
}

const oldest: FfmpegVersion = { major: 4, minor: 4 }

/** Reads the first line of `ffmpeg -version`; undefined when it is not ffmpeg's. */
export function parseFfmpegVersion(output: string): FfmpegVersion | undefined {
  const word = /^ffmpeg version (\S+)/.exec(output)?.[1]
  if (word === undefined) return undefined
  const release = /^n?(\d+)\.(\d+)/.exec(word)
  if (release) return { major: Number(release[1]), minor: Number(release[2]) }
  // Builds of a snapshot are called N-123456-g… or by their date: newer than any release that is too old.
  return { major: Number.POSITIVE_INFINITY, minor: 0 }
}

export const isAtLeast = (version: FfmpegVersion, major: number, minor: number) =>
  version.major > major || (version.major === major && version.minor >= minor)

/**
 * Runs `ffmpeg -version`.
 * @throws NowcastError `bad_settings`, one line, when there is no ffmpeg or it is older than 4.4.
 */
export async function checkFfmpeg(path: string): Promise<FfmpegVersion> {
  const { stdout } = await promisify(execFile)(path, ['-hide_banner', '-version'], { timeout: 10_000 }).catch(
    (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'ENOENT' ? 'was not found' : `cannot be run (${messageOf(error).split('\n')[0]})`
      throw new NowcastError(
        'bad_settings',
        `ffmpeg: ${path} ${why}; install ffmpeg 4.4 or newer or set NOWCAST_FFMPEG`,
      )
    },
  )
  const version = parseFfmpegVersion(stdout)
  if (version === undefined)
    throw new NowcastError('bad_settings', `ffmpeg: ${path} is not ffmpeg; set NOWCAST_FFMPEG`)
  if (!isAtLeast(version, oldest.major, oldest.minor))
    throw new NowcastError(
      'bad_settings',
      `ffmpeg: ${path} is version ${version.major}.${version.minor}; 4.4 or newer is needed`,
    )
  return version
}
