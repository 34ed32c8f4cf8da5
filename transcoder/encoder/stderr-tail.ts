import type { Level } from 'pino'

/** A line of ffmpeg's stderr, and the level at which we log it. */
export interface StderrLine {
  level: Extract<Level, 'error' | 'warn' | 'debug'>
  text: string
}

/**
 * Level in our log for each level of ffmpeg; all other lines become `debug`. An `error` becomes `warn`,
 * because ffmpeg usually continues after it.
 */
const levels: Record<string, StderrLine['level']> = { panic: 'error', fatal: 'error', error: 'warn' }
/** Maximum length of a logged line, characters. */
const maxLine = 500
/** Number of lines that are kept for the description of a failure. */
const keptLines = 8

/** Parses a line in the form of `-loglevel repeat+level`: `[flv @ 0x55d0] [warning] text`. */
export function parseStderrLine(line: string): StderrLine {
  const [marker, word = ''] = /\[(panic|fatal|error|warning|info|verbose|debug|trace)\] /.exec(line) ?? ['']
  const text = line.replace(marker, '').replace(/ @ 0x[0-9a-f]+/, '')
  return { level: levels[word] ?? 'debug', text: text.trim() }
}

/**
 * Splits stderr into lines and passes each to `onLine`. The last lines are kept for the description of a
 * failure.
 */
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
    /**
     * Returns the last lines as one text, oldest first, including an unfinished one; empty when there were
     * none.
     */
    last(): string {
      take(rest)
      rest = ''
      return kept.join(' | ')
    },
  }
}
