import type { Level } from 'pino'

/** A line of ffmpeg's stderr, with the level at which it is logged. */
export interface StderrLine {
  level: Extract<Level, 'error' | 'warn' | 'debug'>
  text: string
}

/**
 * Log levels of ffmpeg's levels. ffmpeg mostly survives what it calls an error; its warnings help only in
 * finding a cause.
 */
const levels: Record<string, StderrLine['level']> = { panic: 'error', fatal: 'error', error: 'warn' }
/** Maximum length of a line, characters. */
const maxLine = 500
/** Number of lines kept for the reason of a failure. */
const keptLines = 8

/** Parses a line as `-loglevel repeat+level` writes it: `[flv @ 0x55d0] [warning] text`. */
export function parseStderrLine(line: string): StderrLine {
  const [marker, word = ''] = /\[(panic|fatal|error|warning|info|verbose|debug|trace)\] /.exec(line) ?? ['']
  const text = line.replace(marker, '').replace(/ @ 0x[0-9a-f]+/, '')
  return { level: levels[word] ?? 'debug', text: text.trim() }
}

/** Splits stderr into lines, passes each to `onLine`, and keeps the last ones for the reason of a failure. */
export function createStderrTail(onLine: (line: StderrLine) => void) {
  const kept: string[] = []
  let rest = ''

  function take(line: string) {
    if (line.trim() === '') return
    const parsed = parseStderrLine(line.slice(0, maxLine))
    if (kept.push(parsed.text) > keptLines) kept.shift()
    onLine(parsed)
  }

  return {
    write(chunk: Buffer): void {
      const lines = (rest + chunk.toString('utf8')).split(/\r?\n|\r/)
      rest = (lines.pop() ?? '').slice(0, maxLine)
      for (const line of lines) take(line)
    },
    /** Returns the last lines, oldest first, as one; empty if there were none. */
    last(): string {
      take(rest)
      rest = ''
      return kept.join(' | ')
    },
  }
}
