import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { SourceFileOptions } from '../../stand/source-file.ts'
import { readFragments } from '../../stand/track-fragments.ts'

/** Length of the flash and of the tone at the beginning of each second, in seconds. */
const beatSeconds = 0.2

/**
 * A source that flashes and sounds at each whole second. Its 16 s are a whole number of frames of both video
 * and audio.
 */
export const beatSource = {
  size: '320x180',
  kbps: 400,
  filter: `drawbox=t=fill:color=black,drawbox=t=fill:color=white:enable='lt(mod(t+0.001\\,1)\\,${beatSeconds})'`,
  tone: `aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,${beatSeconds})':s=48000`,
} satisfies SourceFileOptions
export const beatLoopMs = 16_000

export interface Media {
  init: Buffer
  segment: Buffer
}

const pcmRate = 48_000
/** Amplitude from which a sample belongs to a tone; the maximum is 32768. */
const toneLevel = 2000
/** Minimum silence before a tone, in seconds. */
const silenceSeconds = 0.1
const bright = 128

/**
 * Returns the times at which flashes begin in a segment, in seconds of session time. A flash in its first
 * frame does not count, because it may have begun earlier.
 */
export async function flashTimes({ init, segment }: Media): Promise<number[]> {
  const times = readFragments(segment)
    .flatMap(({ samples }) => samples.map(({ pts }) => pts / timescaleOf(init)))
    .sort((a, b) => a - b)
  const light = await decode({ init, segment }, [
    '-an',
    '-vf',
    'scale=1:1,format=gray',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
  ])
  return times.filter((_, i) => i > 0 && (light[i] ?? 0) > bright && (light[i - 1] ?? 255) <= bright)
}

/**
 * Returns the times at which tones begin in a segment, in seconds of session time. A tone in its first
 * `silenceSeconds` does not count, because it may have begun earlier.
 */
export async function toneTimes({ init, segment }: Media): Promise<number[]> {
  const [first] = readFragments(segment)
  const startSeconds = (first?.decodeTime ?? 0) / timescaleOf(init)
  const bytes = await decode({ init, segment }, ['-vn', '-ac', '1', '-ar', `${pcmRate}`, '-f', 's16le'])
  const times: number[] = []
  let loudAt = Number.POSITIVE_INFINITY
  for (let at = 0; at < bytes.length / 2; at++) {
    if (Math.abs(bytes.readInt16LE(at * 2)) < toneLevel) continue
    // Without enough silence before, this sample belongs to the same tone or to one of the previous segment.
    if (Number.isFinite(loudAt) ? at - loudAt > silenceSeconds * pcmRate : at > silenceSeconds * pcmRate)
      times.push(startSeconds + at / pcmRate)
    loudAt = at
  }
  return times
}

/**
 * Returns for each flash how much later its tone is, ms; negative when the tone is earlier. A flash without
 * exactly one tone within 400 ms is left out.
 */
export function soundDelays(flashes: readonly number[], tones: readonly number[]): number[] {
  return flashes.flatMap((flash) => {
    const nearest = tones.map((tone) => (tone - flash) * 1000).filter((ms) => Math.abs(ms) < 400)
    return nearest.length === 1 ? nearest : []
  })
}

/** Decodes media with ffmpeg, asynchronously, because the measurement of ages continues meanwhile. */
async function decode({ init, segment }: Media, output: readonly string[]): Promise<Buffer> {
  const ffmpeg = spawn('ffmpeg', ['-loglevel', 'error', '-i', 'pipe:0', ...output, 'pipe:1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  ffmpeg.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  // ffmpeg may end before it has read everything.
  ffmpeg.stdin.on('error', () => {})
  ffmpeg.stdin.end(Buffer.concat([init, segment]))
  await once(ffmpeg, 'close')
  return Buffer.concat(chunks)
}

/** Returns the ticks per second of the only track (`mdhd`, ISO/IEC 14496-12 8.4.2). */
function timescaleOf(init: Buffer): number {
  const at = init.indexOf('mdhd') + 4
  return init.readUInt32BE(at + (init[at] === 1 ? 20 : 12))
}
