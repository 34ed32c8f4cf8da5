import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createChannelRequests } from '../../../test/kit/channel-requests.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { startWhole, type Whole } from '../../../test/kit/whole.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import type { Figure } from '../../figures/table.ts'
import { readFlvFile } from '../../stand/flv-media.ts'
import { type FlvPublisher, publishFlv } from '../../stand/flv-publisher.ts'
import { encodeSourceFile } from '../../stand/source-file.ts'
import { type Comparison, compareRenditions } from './comparison.ts'
import { fetchRendition } from './rendition-media.ts'
import { type AlignmentSource, alignmentSources } from './sources.ts'

/** Settings with small rungs and a fast preset, so that two cores can encode all channels. */
const settings = { NOWCAST_LADDER: 'source,144,108', NOWCAST_X264_PRESET: 'ultrafast' }
const minRenditions = 3

/**
 * Publishes channels of difficult sources in parallel. Measures whether all renditions of video, passed
 * through or encoded, have segments, parts, keyframes and frames at the same times, to the tick. Arguments:
 * minutes (10), and text that the names of the sources must contain (by default all sources).
 */
export async function alignment([minutes = '10', only = '']: string[]): Promise<SuiteResult> {
  const dir = makeTempDir()
  const sources = alignmentSources.filter(({ name }) => name.includes(only))
  const whole = await startWhole({ env: settings })
  try {
    const files = sources.map(({ file }, i) => {
      const path = join(dir.path, `${i}.flv`)
      encodeSourceFile(path, file)
      return path
    })
    const compared = await Promise.all(
      sources.map((source, i) =>
        compareChannel(whole, {
          source,
          file: files[i] ?? '',
          slug: `align-${i}`,
          ms: Number(minutes) * 60_000,
        }),
      ),
    )
    for (const [i, { examples }] of compared.entries())
      if (examples.length > 0) console.log(`${sources[i]?.name}:\n  ${examples.join('\n  ')}`)
    const figures = compared.flatMap((each, i) => figuresOf(sources[i]?.name ?? '', each))
    const conditions = `${minutes} minutes, ${minRenditions} renditions of each source`
    return keepResult(
      'alignment',
      'Renditions of the same source',
      { figures, table: tableOf(sources, compared) },
      conditions,
    )
  } finally {
    await whole.stop()
    dir.remove()
  }
}

interface Channel {
  source: AlignmentSource
  file: string
  slug: string
  /** Time for which media of the channel is fetched, ms. */
  ms: number
}

async function compareChannel(whole: Whole, { source, file, slug, ms }: Channel): Promise<Comparison> {
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
  let publisher: FlvPublisher | undefined
  try {
    publisher = await publishFlv({
      url: `${whole.rtmpUrl}/${streamKey}`,
      media: readFlvFile(file),
      loopMs: source.loopMs,
    })
    await whole.untilLive(slug)
    const base = `${whole.edgeUrl}/live/${slug}/`
    const { variants } = await createChannelRequests(base).multivariant()
    const uris = variants.filter(({ attributes }) => attributes.has('RESOLUTION')).map(({ uri }) => uri)
    if (uris.length < minRenditions) throw new Error(`${slug} has only ${uris.length} renditions of video`)
    const ending = new AbortController()
    const fetching = uris.map(async (uri) => [uri, await fetchRendition(base, uri, ending.signal)] as const)
    await delay(ms)
    ending.abort()
    return compareRenditions(new Map(await Promise.all(fetching)))
  } finally {
    await publisher?.stop()
  }
}

const columns = {
  segments: 'segments',
  parts: 'parts',
  keyframes: 'keyframes',
  starts: 'segments with another tfdt',
  decodeTimes: 'with another tfdt of a part',
  maxTicks: 'largest difference, ticks',
  keyframeTimes: 'other keyframes',
  frames: 'other frames',
  torn: 'not the sum of parts',
  missing: 'missing',
} as const

/** Kinds of differences between renditions. There must be none. */
const differences = ['starts', 'decodeTimes', 'keyframeTimes', 'frames', 'torn', 'missing'] as const

const figuresOf = (source: string, compared: Comparison): Figure[] =>
  differences.map((name) => ({
    name: `${source}: ${columns[name]}`,
    value: compared[name],
    unit: '',
    atMost: 0,
  }))

function tableOf(sources: readonly AlignmentSource[], compared: readonly Comparison[]): string {
  const rows = compared.map((each, i) => {
    const cells = (Object.keys(columns) as (keyof typeof columns)[]).map((name) => each[name])
    const isExact = differences.every((name) => each[name] === 0)
    return `| ${[sources[i]?.name, ...cells, isExact ? 'holds' : 'missed'].join(' | ')} |`
  })
  const head = ['source', ...Object.values(columns), 'exact']
  return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows].join('\n')
}
