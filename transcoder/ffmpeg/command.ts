import { type ChildProcess, spawn } from 'node:child_process'
import ffmpeg from 'fluent-ffmpeg'
import { type FfmpegJob, firstOutputPipe } from './arguments.ts'

/** What the wrapped library has beside its public types, as far as it is used here. */
interface Internals {
  _getArguments(): string[]
  _prepare(callback: (error: Error | null, args?: string[]) => void): void
  _spawnFfmpeg(
    args: string[],
    options: object,
    onProcess: (process: ChildProcess) => void,
    onEnd: (error: Error | null, stdout: Ring, stderr: Ring) => void,
  ): void
}

interface Ring {
  get(): string
}

type Command = ffmpeg.FfmpegCommand & Internals

const nothingKept: Ring = { get: () => '' }

function build(job: FfmpegJob): Command {
  const command = ffmpeg('pipe:0').inputOptions(...job.inputOptions) as Command
  if (job.filter !== null) command.complexFilter(job.filter)
  job.outputs.forEach(({ options }, index) => {
    // Given as separate arguments they are taken as they are; a single string would be split at spaces.
    command.output(`pipe:${firstOutputPipe + index}`).outputOptions(...options)
  })
  return command
}

/** The whole argument list of a job. */
export const argumentsOf = (job: FfmpegJob): string[] => build(job)._getArguments()

/**
 * Starts ffmpeg: stdin, stderr, the progress pipe and one pipe per output are open, stdout is not.
 * It is the leader of a process group of its own, so that Ctrl-C on a terminal reaches it only through us.
 * The library's checks, which run ffmpeg several times before each start and misread newer versions, are passed over.
 */
export function spawnFfmpeg(path: string, job: FfmpegJob): ChildProcess {
  const command = build(job)
  let child: ChildProcess | undefined
  command._prepare = (callback) => callback(null, command._getArguments())
  command._spawnFfmpeg = (args, _options, onProcess, onEnd) => {
    const pipes = Array.from({ length: firstOutputPipe + job.outputs.length - 3 }, () => 'pipe' as const)
    const started = spawn(path, args, { stdio: ['pipe', 'ignore', 'pipe', ...pipes], detached: true })
    child = started
    const end = (error: Error | null) => onEnd(error, nothingKept, nothingKept)
    started.once('error', end)
    started.once('exit', (code) => end(code === 0 ? null : new Error(`ffmpeg ended with ${code}`)))
    onProcess(started)
  }
  // Who supervises the child learns of its end from the child itself.
  command.on('error', () => {})
  command.run()
  if (child === undefined) throw new Error('ffmpeg was not started')
  return child
}
