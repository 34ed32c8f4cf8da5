import { writeSync } from 'node:fs'
import { makeNonBlocking } from './node-internals.ts'

/** File descriptor of stdout. */
const stdout = 1
/** Maximum size of the lines that wait for the reader, bytes. */
const maxWaitingBytes = 2 ** 20
/** Time between two attempts to write while lines wait, ms. */
const retryMs = 50
/** Maximum time that `flushSync` waits for the reader, in the whole life of the process, ms. */
const maxFlushMs = 1000
/** Time between two attempts of `flushSync`, ms. */
const flushRetryMs = 10
/** Errors after which the output never works again: its reader is gone, or it is closed. */
const finalErrors = new Set(['EPIPE', 'EBADF', 'ECONNRESET', 'EIO'])

export interface LineWriter {
  /**
   * Writes a line, or keeps it until the reader has room. The line is lost when too many bytes wait, or the
   * reader is gone. Never waits for the reader, and never throws.
   */
  write(line: string): void
  /** Writes the lines that wait. Waits for the reader, but not after another error. */
  flushSync(): void
}

/**
 * Creates the writer of lines to stdout. It writes what the system takes at once; the rest waits for a timer,
 * so a reader that stands still does not stop the process. When too many bytes wait, further lines are lost
 * until half of the room is free; `describeLoss` returns the line that then says how many. Without a reader,
 * all lines are lost.
 *
 * The writes do not use the thread pool: `flushSync` could not know how much of a write in progress is done,
 * and a thread that waits for a reader prevents the end of the process.
 */
export function createLineWriter(describeLoss: (lines: number) => string): LineWriter {
  const waiting: Buffer[] = []
  let waitingBytes = 0
  let lostLines = 0
  let flushBudgetMs = maxFlushMs
  /** `later` while a timer is set. */
  let state: 'open' | 'later' | 'gone' = 'open'

  function append(bytes: Buffer) {
    waiting.push(bytes)
    waitingBytes += bytes.length
  }

  function reportLoss() {
    if (lostLines === 0 || waitingBytes > maxWaitingBytes / 2) return
    append(Buffer.from(describeLoss(lostLines)))
    lostLines = 0
  }

  /** Writes what the system takes. Returns the error that prevents the rest. */
  function writeWaiting(): string | undefined {
    // Another process with the same output, such as a new worker of an edge, may have made it blocking.
    makeNonBlocking(process.stdout)
    for (;;) {
      reportLoss()
      const [line] = waiting
      if (line === undefined) return undefined
      try {
        // A short line is written as a whole, so that lines of several processes do not mix.
        const written = writeSync(stdout, line)
        waitingBytes -= written
        if (written < line.length) waiting[0] = line.subarray(written)
        else waiting.shift()
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? 'unknown'
      }
    }
  }

  /** Writes what the system takes, and arranges what follows. Returns whether the reader has no room. */
  function proceed(): boolean {
    const error = writeWaiting()
    if (error === undefined) return false
    if (finalErrors.has(error)) {
      state = 'gone'
      waiting.length = 0
    } else if (state === 'open') {
      state = 'later'
      setTimeout(retry, retryMs).unref()
    }
    return error === 'EAGAIN'
  }

  function retry() {
    if (state === 'gone') return
    state = 'open'
    proceed()
  }

  return {
    write(line) {
      if (state === 'gone') return
      const bytes = Buffer.from(line)
      if (lostLines > 0 || waitingBytes + bytes.length > maxWaitingBytes) lostLines++
      else append(bytes)
      if (state === 'open') proceed()
    },

    flushSync() {
      if (state === 'gone') return
      while (proceed() && flushBudgetMs > 0) {
        pause(flushRetryMs)
        flushBudgetMs -= flushRetryMs
      }
    },
  }
}

const neverNotified = new Int32Array(new SharedArrayBuffer(4))

/** Stops this thread for a time. */
function pause(ms: number) {
  Atomics.wait(neverNotified, 0, 0, ms)
}
