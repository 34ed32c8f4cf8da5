import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { type FfmpegJob, firstOutputPipe, progressPipe } from './arguments.ts'
import { spawnFfmpeg } from './command.ts'
import { createProgressReader, type Progress } from './progress.ts'
import { createStallWatch } from './stall-watch.ts'
import { createStderrTail } from './stderr-tail.ts'

/** Why a run of ffmpeg is over; the first cause wins. */
export type FfmpegEnd =
  /** Its input ended and it wrote everything. */
  | { kind: 'finished' }
  /** It was asked to. */
  | { kind: 'stopped' }
  /** It died or hung. `detail`: what it was, with its last words. */
  | { kind: 'failed'; detail: string }

export interface FfmpegOptions {
  path: string
  job: FfmpegJob
  log: Log
  /** No output for so long while input flows: it hangs, ms. */
  stallMs: number
  onOutput(rendition: string, chunk: Buffer): void
  onProgress(progress: Progress): void
}

/** Time from SIGTERM to SIGKILL, ms. */
const graceMs = 1000
const watchMs = 500

export type FfmpegProcess = ReturnType<typeof startFfmpeg>

/** Runs ffmpeg under supervision. When this process dies its pipes close, and ffmpeg ends by itself. */
export function startFfmpeg({ path, job, log, stallMs, onOutput, onProgress }: FfmpegOptions) {
  const child = spawnFfmpeg(path, job)
  const stdin = child.stdio[0] as Writable
  const outputs = job.outputs.map((_, index) => child.stdio[firstOutputPipe + index] as Readable)
  const stall = createStallWatch(stallMs)
  const tail = createStderrTail(({ level, text }) => {
    // What it says about its own end is no news.
    log[cause.signal.aborted ? 'debug' : level]({ pid: child.pid }, `ffmpeg: ${text}`)
  })
  const cause = new AbortController()
  let killTimer: NodeJS.Timeout | undefined

  /** Fixes why it ends; later causes are only consequences. */
  function end(reason: FfmpegEnd): void {
    if (!cause.signal.aborted) cause.abort(reason)
  }

  function terminate(reason: FfmpegEnd): void {
    end(reason)
    if (killTimer !== undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    killTimer = setTimeout(() => child.kill('SIGKILL'), graceMs)
    // Nobody reads a held output any more: without this it would never be seen to close.
    for (const output of outputs) output.resume()
  }

  const watch = setInterval(() => {
    if (!stall.isStalled(performance.now(), stdin.writableNeedDrain)) return
    terminate({ kind: 'failed', detail: `ffmpeg hung: no output for ${stallMs} ms` })
  }, watchMs)

  // What is held back would keep a process that died from being seen to close.
  child.once('exit', (code) => {
    if (code !== 0) for (const output of outputs) output.resume()
  })
  // EPIPE when ffmpeg died: its exit tells why.
  stdin.on('error', () => {})
  child.stderr?.on('data', tail.write)
  child.stdio[progressPipe]?.on('data', createProgressReader(onProgress))
  outputs.forEach((output, index) => {
    const rendition = job.outputs[index]?.rendition ?? ''
    output.on('error', () => {})
    output.on('data', (chunk: Buffer) => {
      stall.output()
      if (!cause.signal.aborted) onOutput(rendition, chunk)
    })
    output.pause()
  })

  return {
    pid: child.pid,
    /** Gives it source media; false when its pipe is full: go on at `onDrain`. */
    write(chunk: Buffer): boolean {
      if (cause.signal.aborted || stdin.writableEnded) return true
      stall.input(performance.now())
      return stdin.write(chunk)
    },
    onDrain: (listener: () => void) => void stdin.on('drain', listener),
    /** No more media: it writes what it has and ends. */
    finish: () => void stdin.end(),
    /** Lets the outputs flow; until then they are held in their pipes. */
    open(): void {
      for (const output of outputs) output.resume()
    },
    stop: () => terminate({ kind: 'stopped' }),
    ended: ending(child, () => {
      clearInterval(watch)
      clearTimeout(killTimer)
    }).then((exit): FfmpegEnd => {
      const words = tail.last()
      end(exit.ok ? { kind: 'finished' } : { kind: 'failed', detail: exit.what })
      const reason = cause.signal.reason as FfmpegEnd
      return reason.kind === 'failed' && words !== ''
        ? { ...reason, detail: `${reason.detail}: ${words}` }
        : reason
    }),
  }
}

/** Resolves when the process is gone and all it wrote was read. */
function ending(child: ChildProcess, release: () => void): Promise<{ ok: boolean; what: string }> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      release()
      resolve({ ok: false, what: `ffmpeg could not be started: ${messageOf(error)}` })
    })
    child.once('close', (code, signal) => {
      release()
      resolve({
        ok: code === 0,
        what: `ffmpeg ended ${signal === null ? `with status ${code}` : `by ${signal}`}`,
      })
    })
  })
}
