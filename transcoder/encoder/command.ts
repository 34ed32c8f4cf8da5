import { type ChildProcess, spawn } from 'node:child_process'
import ffmpeg from 'fluent-ffmpeg'
import type { FfmpegBox } from './box/ffmpeg-box.ts'
import { type FfmpegJob, firstOutputPipe } from './ffmpeg-job.ts'

/** Internal methods of fluent-ffmpeg that are used here. Its public types lack them. */
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
    // The library splits a single string at spaces. Separate arguments stay as they are.
    command.output(`pipe:${firstOutputPipe + index}`).outputOptions(...options)
  })
  return command
}

/** Returns the complete arguments of ffmpeg, without the program name. */
export const argumentsOf = (job: FfmpegJob): string[] => build(job)._getArguments()

/**
 * Starts ffmpeg in its box, with pipes for stdin, stderr, progress and each output; stdout is ignored. ffmpeg
 * leads a process group of its own, so that Ctrl-C in a terminal does not end it before its session. The
 * checks of the library are skipped: they would run ffmpeg several times before each start, and misread newer
 * versions.
 */
export function spawnFfmpeg(box: FfmpegBox, job: FfmpegJob): ChildProcess {
  const [program = '', ...first] = box.command
  const command = build(job)
  let child: ChildProcess | undefined
  command._prepare = (callback) => callback(null, command._getArguments())
  command._spawnFfmpeg = (args, _options, onProcess, onEnd) => {
    const pipes = Array.from({ length: firstOutputPipe + job.outputs.length - 3 }, () => 'pipe' as const)
    const started = spawn(program, [...first, ...args], {
      env: box.environment,
      stdio: ['pipe', 'ignore', 'pipe', ...pipes],
      detached: true,
    })
    child = started
    const end = (error: Error | null) => onEnd(error, nothingKept, nothingKept)
    started.once('error', end)
    started.once('exit', (code) => end(code === 0 ? null : new Error(`ffmpeg ended with ${code}`)))
    onProcess(started)
  }
  // Without a listener, an `error` event would throw. The caller observes the exit of the child itself.
  command.on('error', () => {})
  command.run()
  if (child === undefined) throw new Error('ffmpeg was not started')
  return child
}
