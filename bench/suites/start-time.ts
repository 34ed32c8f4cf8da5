import { readMultivariant, readPlaylist } from '../../test/kit/playlist.ts'
import { startWhole, type Whole } from '../../test/kit/whole.ts'
import { writeResult } from '../figures/result-file.ts'
import { median } from '../figures/statistics.ts'
import { type Figure, figureTable } from '../figures/table.ts'
import { publishClock } from '../stand/clock-publisher.ts'

const runs = 5

/**
 * Time from the first frame of a publisher until a player can have the multivariant playlist and one part.
 * The table is also written to a file.
 */
export async function startTime(): Promise<string> {
  const whole = await startWhole()
  const figures: Figure[] = []
  try {
    for (const gopSeconds of [1, 2]) {
      const times: number[] = []
      for (let run = 0; run < runs; run++)
        times.push(await oneStart(whole, `start-${gopSeconds}-${run}`, gopSeconds))
      const spread = `${Math.round(Math.min(...times))}–${Math.round(Math.max(...times))}`
      figures.push({
        name: `first frame → part, GOP ${gopSeconds} s (${spread})`,
        value: median(times),
        unit: 'ms',
        atMost: 1000,
      })
    }
  } finally {
    await whole.stop()
  }
  return writeResult(
    'start',
    'From the first frame to the first part',
    figureTable(figures),
    `medians of ${runs}`,
  )
}

async function oneStart(whole: Whole, slug: string, gopSeconds: number): Promise<number> {
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug })
  const publisher = publishClock({ url: `${whole.rtmpUrl}/${streamKey}`, gopSeconds, seconds: 20 })
  try {
    const base = `${whole.edgeUrl}/live/${slug}/index.m3u8`
    await untilFirstPart(base, publisher.firstFrameAt + 15_000)
    return Date.now() - publisher.firstFrameAt
  } finally {
    await publisher.stop()
  }
}

/** Requests the multivariant playlist every 10 ms, then a media playlist, then its first part. */
async function untilFirstPart(multivariantUrl: string, deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    const multivariant = await fetch(multivariantUrl)
    const text = await multivariant.text()
    const uri = multivariant.ok ? readMultivariant(text).variants[0]?.uri : undefined
    if (uri) {
      const playlistUrl = new URL(uri, multivariantUrl)
      const playlist = readPlaylist(await (await fetch(playlistUrl)).text())
      const part = playlist.segments[0]?.parts[0]?.uri
      if (part && (await fetchWhole(new URL(part, playlistUrl)))) return
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`no part at ${multivariantUrl} in time`)
}

async function fetchWhole(url: URL): Promise<boolean> {
  const response = await fetch(url)
  const body = await response.arrayBuffer()
  return response.ok && body.byteLength > 0
}
