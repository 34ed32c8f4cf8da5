import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { FfmpegBox } from './box/ffmpeg-box.ts'
import { spawnFfmpeg } from './command.ts'
import { type FfmpegJob, firstOutputPipe, progressPipe } from './ffmpeg-job.ts'
import { createLineLimit } from './line-limit.ts'
import { createProgressReader } from './progress.ts'
import { createStallWatch, watchForStall } from './stall-watch.ts'
import { createStderrTail, type StderrLine } from './stderr-tail.ts'

/** Why ffmpeg ended. The first cause counts. */
export type FfmpegEnd =
  /** It exited with status 0. */
  | { kind: 'finished' }
  /** `stop` was called. */
  | { kind: 'stopped' }
  /** It died, hung, did not start or wrote unusable output. `detail` has the last lines of its stderr. */
  | { kind: 'failed'; detail: string }

export interface FfmpegOptions {
  box: FfmpegBox
  job: FfmpegJob
  log: Log
  /** Time without output, ms, after which ffmpeg counts as hung if it receives input. */
  stallMs: number
}

/** Time from SIGTERM to SIGKILL, ms. */
const graceMs = 1000

/**
 * Returns a function that logs lines of ffmpeg. Lines after `ended` are only consequences of the end, so
 * their level is debug.
 */
function logLines(log: Log, pid: number | undefined, ended: AbortSignal) {
  const lines = createLineLimit()
  return ({ level, text }: StderrLine): void => {
    const isQuiet = ended.aborted || level === 'debug'
    const admission = isQuiet ? 'no' : lines.admit(performance.now())
    log[admission === 'no' ? 'debug' : level]({ pid }, `ffmpeg: ${text}`)
    if (admission === 'last') log.warn({ pid }, 'ffmpeg writes too much: the next lines are left out')
  }
}

/** Runs ffmpeg and watches it. When this process dies, its pipes close and ffmpeg ends too. */
export function startFfmpeg({ box, job, log, stallMs }: FfmpegOptions) {
  const child = spawnFfmpeg(box, job)
  const { pid } = child
  const stdin = child.stdio[0] as Writable
  const stall = createStallWatch(stallMs)
  const cause = new AbortController()
  const tail = createStderrTail(logLines(log, pid, cause.signal))
  const outputs = createOutputs(child, job)
  let killTimer: NodeJS.Timeout | undefined

  /** Notes why ffmpeg ends. Later causes are consequences of the first, so they have no effect. */
  function end(reason: FfmpegEnd): void {
    if (!cause.signal.aborted) cause.abort(reason)
  }

  function terminate(reason: FfmpegEnd): void {
    end(reason)
    // Without a process the id is not set, so the signal could reach any process, such as the own group.
    if (pid === undefined) return
    if (killTimer !== undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    // ffmpeg handles the signal only when its read from this pipe returns.
    stdin.destroy()
    killTimer = setTimeout(() => child.kill('SIGKILL'), graceMs)
    outputs.drain()
  }

  const endWatch = watchForStall(
    stall,
    () => stdin.writableNeedDrain,
    () => terminate({ kind: 'failed', detail: `ffmpeg hung: no output for ${stallMs} ms` }),
  )
  child.once('exit', (code) => {
    if (code !== 0) outputs.drain()
  })
  // A write after ffmpeg died fails with EPIPE. The exit status shows why it died.
  stdin.on('error', () => {})
  child.stderr?.on('data', tail.write)
  child.stdio[progressPipe]?.on(
    'data',
    createProgressReader((progress) => log.debug({ pid, ...progress }, 'ffmpeg progress')),
  )

  return {
    pid,
    /** Passes media to ffmpeg. Bytes that do not fit into its pipe wait in memory. */
    write(chunk: Buffer): void {
      if (cause.signal.aborted || stdin.writableEnded) return
      stall.input(performance.now())
      stdin.write(chunk)
    },
    /** Number of bytes that wait in memory for the pipe of ffmpeg. */
    get queuedBytes(): number {
      return stdin.writableLength
    },
    /** Ends the input. ffmpeg writes the rest of its output and exits. */
    finish: () => void stdin.end(),
    /** Lets the output of a rendition flow. Until then it waits in its pipe. */
    open(rendition: string, onOutput: (chunk: Buffer) => void): void {
      outputs.of(rendition)?.on('data', (chunk: Buffer) => {
        stall.output()
        if (!cause.signal.aborted) onOutput(chunk)
      })
    },
    /** Ends ffmpeg because its output cannot be used. */
    fail: (detail: string) => terminate({ kind: 'failed', detail }),
    stop: () => terminate({ kind: 'stopped' }),
    /** Resolves when the process is gone and its pipes are closed, or if it cannot be started. */
    ended: exitOf(child).then((exit): FfmpegEnd => {
      endWatch()
      clearTimeout(killTimer)
      end(exit.ok ? { kind: 'finished' } : { kind: 'failed', detail: exit.detail })
      return withLastWords(cause.signal.reason as FfmpegEnd, tail.last())
    }),
  }
}

function createOutputs(child: ChildProcess, job: FfmpegJob) {
  const pipes = job.outputs.map((_, index) => child.stdio[firstOutputPipe + index] as Readable)
  for (const pipe of pipes) pipe.on('error', () => {})
  return {
    of: (rendition: string) => pipes[job.outputs.findIndex((each) => each.rendition === rendition)],
    /**
     * Reads the outputs that are not open, and drops their bytes. The event `close` comes only after all
     * pipes have been read.
     */
    drain(): void {
      for (const pipe of pipes) pipe.resume()
    },
  }
}

const withLastWords = (end: FfmpegEnd, lastWords: string): FfmpegEnd =>
  end.kind === 'failed' && lastWords !== '' ? { ...end, detail: `${end.detail}: ${lastWords}` } : end

/** Resolves when the process is gone and all its pipes are closed, or when it could not be started. */
function exitOf(child: ChildProcess): Promise<{ ok: boolean; detail: string }> {
  return new Promise((resolve) => {
    child.once('error', (error) =>
      resolve({ ok: false, detail: `ffmpeg could not be started: ${messageOf(error)}` }),
    )
    child.once('close', (code, signal) =>
      resolve({
        ok: code === 0,
        detail: `ffmpeg ended ${signal === null ? `with status ${code}` : `by ${signal}`}`,
      }),
    )
  })
}
