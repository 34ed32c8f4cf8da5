import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { NowcastError } from '../core/errors.ts'

/** The first with `-fps_mode`, on which the alignment of the renditions rests. */
const neededVersion = [5, 1] as const

/** @throws NowcastError `bad_settings` when there is no ffmpeg, or one that cannot do what the transcoder asks. */
export async function checkFfmpeg(path: string): Promise<void> {
  const output = await promisify(execFile)(path, ['-version'], { timeout: 10_000 }).then(
    ({ stdout }) => stdout,
    (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'is not on the PATH' : `does not run (${error.message.trim()})`
      throw new NowcastError(
        'bad_settings',
        `ffmpeg ${why}; install ffmpeg ${neededVersion.join('.')} or newer`,
      )
    },
  )
  const problem = problemOf(output)
  if (problem !== undefined) throw new NowcastError('bad_settings', problem)
}

/** What is wrong with the ffmpeg that answers `-version` with this text. Builds from its repository have no number: they are taken as new. */
export function problemOf(versionText: string): string | undefined {
  const [, version, major, minor] = /^ffmpeg version (?:n?((\d+)\.(\d+)[^ ]*))/.exec(versionText) ?? []
  const found = [Number(major), Number(minor)] as const
  const isOld = found[0] < neededVersion[0] || (found[0] === neededVersion[0] && found[1] < neededVersion[1])
  if (version !== undefined && isOld)
    return `ffmpeg is too old: ${version} is on the PATH, ${neededVersion.join('.')} or newer is needed`
  if (/^configuration:/m.test(versionText) && !versionText.includes('--enable-libx264'))
    return 'ffmpeg on the PATH was built without libx264, the H.264 encoder; install one that has it'
  return undefined
}
