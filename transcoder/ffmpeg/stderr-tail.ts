import type { Level } from 'pino'

/** A line of ffmpeg's stderr with the level that ffmpeg gave it. */
export interface StderrLine {
  level: Extract<Level, 'error' | 'warn' | 'debug'>
  text: string
}

/** What ffmpeg calls an error it mostly survives; its warnings are for who looks for a cause. */
const levels: Record<string, StderrLine['level']> = { panic: 'error', fatal: 'error', error: 'warn' }
const longestLine = 500
const keptLines = 8

/** Reads a line as `-loglevel repeat+level` writes it: `[flv @ 0x55d0] [warning] text`. */
export function parseStderrLine(line: string): StderrLine {
  const [marker, word = ''] = /\[(panic|fatal|error|warning|info|verbose|debug|trace)\] /.exec(line) ?? ['']
  const text = line.replace(marker, '').replace(/ @ 0x[0-9a-f]+/, '')
  return { level: levels[word] ?? 'debug', text: text.trim() }
}

/** Cuts stderr into lines, hands each to `onLine` and keeps the last ones for the reason of a failure. */
export function createStderrTail(onLine: (line: StderrLine) => void) {
  const kept: string[] = []
  let rest = ''

  function take(line: string) {
    if (line.trim() === '') return
    const parsed = parseStderrLine(line.slice(0, longestLine))
    if (kept.push(parsed.text) > keptLines) kept.shift()
    onLine(parsed)
  }

  return {
    write(chunk: Buffer): void {
      const lines = (rest + chunk.toString('utf8')).split(/\r?\n|\r/)
      rest = (lines.pop() ?? '').slice(0, longestLine)
      for (const line of lines) take(line)
    },
    /** The last lines, oldest first, in one line; empty when there were none. */
    last(): string {
      take(rest)
      rest = ''
      return kept.join(' | ')
    },
  }
}
