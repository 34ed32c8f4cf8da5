import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, NowcastError } from '../../core/process/errors.ts'

/** Undoes a step. */
type Cleanup = () => unknown
export type OnCleanup = (cleanup: Cleanup) => void

/**
 * Calls `act`, and then what undoes its steps, in reverse order: also after a failure, and when this process
 * ends for another reason. Steps that are registered after the end are undone at once.
 */
export async function inScope<Result>(act: (onCleanup: OnCleanup) => Promise<Result>): Promise<Result> {
  const cleanups: Cleanup[] = []
  let isOver = false
  // Nothing can be awaited at the exit, so only the synchronous part of each clean-up counts there.
  const onExit = () => {
    for (const cleanup of cleanups.splice(0).reverse()) void attempt(cleanup)
  }
  process.on('exit', onExit)
  try {
    return await act((cleanup) => {
      if (isOver) void attempt(cleanup)
      else cleanups.push(cleanup)
    })
  } finally {
    isOver = true
    for (let next = cleanups.pop(); next !== undefined; next = cleanups.pop()) await attempt(next)
    process.off('exit', onExit)
  }
}

async function attempt(cleanup: Cleanup): Promise<void> {
  try {
    await cleanup()
  } catch (error) {
    console.error(`clean-up: ${messageOf(error)}`)
  }
}

export interface Interruption {
  /** Waits. Rejects when the run is broken off. */
  wait(ms: number): Promise<void>
  /** Returns the result of `work`. Rejects at once when the run is broken off. */
  orBreak<Result>(work: Promise<Result>): Promise<Result>
}

/** Calls `act`. Signals that end the process, such as Ctrl-C, break it off instead, so that it cleans up. */
export async function interruptible<Result>(act: (by: Interruption) => Promise<Result>): Promise<Result> {
  const breaking = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = () => breaking.abort()
  for (const signal of signals) process.on(signal, onSignal)
  const { signal } = breaking
  const broken = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new NowcastError('unavailable', 'broken off')))
  })
  broken.catch(() => {})
  const orBreak = <Work>(work: Promise<Work>) => Promise.race([work, broken])
  try {
    return await act({ orBreak, wait: (ms) => orBreak(delay(Math.max(0, ms), undefined, { signal })) })
  } finally {
    for (const each of signals) process.off(each, onSignal)
  }
}
