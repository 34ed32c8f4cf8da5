/** Progress of ffmpeg, which it reports once a second (`-progress`). */
export interface Progress {
  /** Number of frames in the first video output; 0 when ffmpeg reports none. */
  frame: number
  /** Time of the newest output, ms; null when there is no output yet. */
  outTimeMs: number | null
  /** Media seconds per second since the start; null when ffmpeg does not know. */
  speed: number | null
}

/**
 * Maximum length of an incomplete block, characters; older text is dropped. A usual block is much shorter.
 */
const maxBlock = 16_384

const numberOrNull = (text: string | undefined) => {
  const number = Number.parseFloat(text ?? '')
  return Number.isFinite(number) ? number : null
}

/**
 * Creates a function that parses the bytes of the progress pipe and calls `onProgress` for each complete
 * block of `key=value` lines.
 */
export function createProgressReader(onProgress: (progress: Progress) => void): (chunk: Buffer) => void {
  let text = ''
  return (chunk) => {
    text = (text + chunk.toString('latin1')).slice(-maxBlock)
    for (;;) {
      // The key `progress` is always the last of a block.
      const end = /^progress=.*\n/m.exec(text)
      if (end === null) return
      const values = new Map(
        text
          .slice(0, end.index)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
      text = text.slice(end.index + end[0].length)
      const outTimeUs = numberOrNull(values.get('out_time_us'))
      onProgress({
        frame: numberOrNull(values.get('frame')) ?? 0,
        outTimeMs: outTimeUs === null ? null : outTimeUs / 1000,
        speed: numberOrNull(values.get('speed')),
      })
    }
  }
}
