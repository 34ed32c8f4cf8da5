import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf, NowcastError } from '../process/errors.ts'

/** A release of ffmpeg. `major` is `Infinity` for a snapshot build, which names no release. */
export interface FfmpegVersion {
  major: number
  minor: number
}

const answerTimeoutMs = 10_000
/** Oldest version that can transcode for nowcast. */
const oldest: FfmpegVersion = { major: 4, minor: 4 }
/** First version whose FLV demuxer supports HEVC, AV1 and VP9 of enhanced RTMP. */
const firstEnhanced: FfmpegVersion = { major: 6, minor: 1 }

/** Parses the output of `ffmpeg -version`. Returns undefined for the output of another program. */
export function parseFfmpegVersion(output: string): FfmpegVersion | undefined {
  const word = /^ffmpeg version (\S+)/.exec(output)?.[1]
  if (word === undefined) return undefined
  const release = /^n?(\d+)\.(\d+)/.exec(word)
  if (release) return { major: Number(release[1]), minor: Number(release[2]) }
  // Snapshot builds are named N-123456-g… or by their date. They are assumed to be new enough.
  return { major: Number.POSITIVE_INFINITY, minor: 0 }
}

export const isAtLeast = (version: FfmpegVersion, { major, minor }: FfmpegVersion) =>
  version.major > major || (version.major === major && version.minor >= minor)

export const readsEnhancedRtmp = (version: FfmpegVersion) => isAtLeast(version, firstEnhanced)

/**
 * Runs `command` with `-version` and returns the version of ffmpeg. `command` may wrap ffmpeg in other
 * programs; errors name `path`, the ffmpeg that it starts.
 * @throws NowcastError `bad_settings`, one line for the operator, when ffmpeg cannot be run, does not answer
 * within 10 s, is another program, or is older than 4.4
 */
export async function checkFfmpeg(
  path: string,
  command: readonly string[] = [path],
  environment?: NodeJS.ProcessEnv,
): Promise<FfmpegVersion> {
  const version = parseFfmpegVersion(await versionOutputOf(path, command, environment))
  if (version === undefined)
    throw new NowcastError('bad_settings', `ffmpeg: ${path} is not ffmpeg; set NOWCAST_FFMPEG`)
  if (!isAtLeast(version, oldest))
    throw new NowcastError(
      'bad_settings',
      `ffmpeg: ${path} is version ${version.major}.${version.minor}; 4.4 or newer is needed`,
    )
  return version
}

async function versionOutputOf(
  path: string,
  [program = path, ...args]: readonly string[],
  env: NodeJS.ProcessEnv | undefined,
): Promise<string> {
  try {
    const run = promisify(execFile)
    const options = { timeout: answerTimeoutMs, ...(env ? { env } : {}) }
    return (await run(program, [...args, '-hide_banner', '-version'], options)).stdout
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const why = isMissing ? 'was not found' : `cannot be run (${messageOf(error).split('\n')[0]})`
    throw new NowcastError(
      'bad_settings',
      `ffmpeg: ${path} ${why}; install ffmpeg 4.4 or newer or set NOWCAST_FFMPEG`,
    )
  }
}
