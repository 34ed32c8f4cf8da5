import { join } from 'node:path'
import { readMultivariant, readPlaylist } from '../../test/kit/playlist.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { startWhole, type Whole } from '../../test/kit/whole.ts'
import type { SuiteResult } from '../figures/figure-file.ts'
import { keepResult } from '../figures/result-file.ts'
import { type Figure, repeated } from '../figures/table.ts'
import { type FlvMedia, readFlvFile } from '../stand/flv-media.ts'
import { publishFlv } from '../stand/flv-publisher.ts'
import { encodeSourceFile } from '../stand/source-file.ts'

const fps = 30
const timeoutMs = 15_000
/** Time between two requests while the channel is not live yet, ms. */
const pollMs = 5
/** Time between the end of a session and the next one, ms. */
const pauseMs = 1000

/** Times of one start, in ms since the publisher sent the first frame of video. */
interface Start {
  /** When the epoch began: the transcoder has a plan, and ffmpeg runs if the plan needs it. */
  epoch: number
  multivariant: number
  playlist: number
  part: number
}

/**
 * Measures the time from the first frame of a publisher until a player at the edge can get the multivariant
 * playlist, a media playlist that lists a part, and that part. Arguments: runs (5), NOWCAST_LADDER (auto).
 */
export async function part([runs = '5', ladder = 'auto']: string[]): Promise<SuiteResult> {
  const dir = makeTempDir()
  const whole = await startWhole({ env: { NOWCAST_LADDER: ladder } })
  const figures: Figure[] = []
  try {
    for (const gopSeconds of [1, 2]) {
      const file = join(dir.path, `gop-${gopSeconds}.flv`)
      encodeSourceFile(file, { kbps: 3000, gopFrames: gopSeconds * fps })
      const media = readFlvFile(file)
      const starts: Start[] = []
      for (let run = 0; run < Number(runs); run++) {
        const start = await oneStart(whole, `part-${gopSeconds}-${run}`, media)
        console.log(JSON.stringify({ gopSeconds, ...start }))
        starts.push(start)
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
      figures.push(...figuresOf(gopSeconds, starts))
    }
  } finally {
    await whole.stop()
    dir.remove()
  }
  const conditions = `medians of ${runs} new sessions, 720p30, part target 333 ms, ladder ${ladder}`
  return keepResult('part', 'From the first frame to the first part', { figures }, conditions)
}

function figuresOf(gopSeconds: number, starts: readonly Start[]): Figure[] {
  const of = (what: string, pick: (start: Start) => number, atMost?: number) =>
    repeated(
      `first frame → ${what}, GOP ${gopSeconds} s`,
      'ms',
      starts.map(pick),
      atMost === undefined ? { better: 'lower' } : { atMost },
    )
  return [
    of('epoch of the transcoder', ({ epoch }) => epoch),
    of('multivariant playlist', ({ multivariant }) => multivariant),
    of('part', (start) => start.part, 400),
  ]
}

async function oneStart(whole: Whole, slug: string, media: FlvMedia): Promise<Start> {
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
  const publisher = await publishFlv({ url: `${whole.rtmpUrl}/${streamKey}`, media, loopMs: 16_000 })
  try {
    const { firstFrameAt } = publisher
    const start = await untilFirstPart(`${whole.edgeUrl}/live/${slug}/index.m3u8`, firstFrameAt)
    return { epoch: (await epochTime(whole, slug)) - firstFrameAt, ...start }
  } finally {
    await publisher.stop()
  }
}

/** Returns the Unix time at which the epoch of a channel began, ms, from the log. */
async function epochTime({ supervisor }: Whole, slug: string): Promise<number> {
  const line = await supervisor.line(new RegExp(`"slug":"${slug}".*"msg":"transcoding"`))
  return Date.parse((JSON.parse(line) as { time: string }).time)
}

/**
 * Requests the multivariant playlist until it exists, then a media playlist with a blocking reload for the
 * first part, then that part. Returns the time of each response, ms since `firstFrameAt`.
 * @throws Error when the part is not there within `timeoutMs`
 */
async function untilFirstPart(multivariantUrl: string, firstFrameAt: number): Promise<Omit<Start, 'epoch'>> {
  while (Date.now() < firstFrameAt + timeoutMs) {
    const response = await fetch(multivariantUrl)
    const text = await response.text()
    const multivariant = Date.now() - firstFrameAt
    const uri = response.ok ? readMultivariant(text).variants[0]?.uri : undefined
    if (uri) {
      const playlistUrl = new URL(`${uri}?_HLS_msn=0&_HLS_part=0`, multivariantUrl)
      const read = readPlaylist(await (await fetch(playlistUrl)).text())
      const playlist = Date.now() - firstFrameAt
      const first = read.segments[0]?.parts[0]?.uri
      if (first && (await fetchWhole(new URL(first, playlistUrl))))
        return { multivariant, playlist, part: Date.now() - firstFrameAt }
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new Error(`no part at ${multivariantUrl} in time`)
}

async function fetchWhole(url: URL): Promise<boolean> {
  const response = await fetch(url)
  const body = await response.arrayBuffer()
  return response.ok && body.byteLength > 0
}
