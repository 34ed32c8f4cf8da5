import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createChannelRequests } from '../../../test/kit/channel-requests.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import { startWhole } from '../../../test/kit/whole.ts'
import { readFigures, type SuiteResult } from '../../figures/figure-file.ts'
import { figuresPath, keepResult } from '../../figures/result-file.ts'
import { memoryFigures, sampleRoleMemory } from '../../figures/role-memory.ts'
import { median } from '../../figures/statistics.ts'
import type { Figure } from '../../figures/table.ts'
import { readFlvFile } from '../../stand/flv-media.ts'
import { publishFlv } from '../../stand/flv-publisher.ts'
import { encodeSourceFile } from '../../stand/source-file.ts'
import { type Ages, recordAges } from './ages.ts'
import { beatLoopMs, beatSource, flashTimes, type Media, soundDelays, toneTimes } from './beats.ts'
import { runInFastMotion } from './fast-motion.ts'

const slug = 'drift'
/** Time between two measurements of sound against picture, ms. */
const sampleMs = 30_000
/**
 * Third argument of the process that `runInFastMotion` starts. The clock of that process is already faster.
 */
const insideMark = 'inside'

/**
 * Runs one channel for a long time. Measures the drift of sound against picture and of media against the wall
 * clock, and the change of memory. Arguments: minutes (60), speed of the clock (1), see `runInFastMotion`.
 * The third argument is internal.
 */
export async function drift([minutes = '60', speed = '1', mark = '']: string[]): Promise<SuiteResult> {
  if (speed !== '1' && mark !== insideMark) {
    const main = join(import.meta.dirname, '..', '..', 'main.ts')
    const text = await runInFastMotion([main, 'drift', minutes, speed, insideMark], Number(speed))
    // The program in fast motion has kept its figures.
    return { ...readFigures(figuresPath(fastName)), text }
  }
  const figures = await measureDrift(Number(minutes))
  const name = speed === '1' ? 'drift' : fastName
  return keepResult(
    name,
    'One channel over time',
    { figures },
    `${minutes} minutes, clock ${speed} times as fast`,
  )
}

async function measureDrift(minutes: number): Promise<Figure[]> {
  const dir = makeTempDir()
  const whole = await startWhole({ env: { NOWCAST_LADDER: 'source,144' } })
  const ending = new AbortController()
  try {
    const file = join(dir.path, 'beats.flv')
    encodeSourceFile(file, beatSource)
    const { streamKey } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
    const publisher = await publishFlv({
      url: `${whole.rtmpUrl}/${streamKey}`,
      media: readFlvFile(file),
      loopMs: beatLoopMs,
    })
    await whole.untilLive(slug, 60_000)
    const base = `${whole.edgeUrl}/live/${slug}/`
    const uris = await urisOf(base)
    const memory = sampleRoleMemory(whole, ending.signal)
    const ages = Promise.all(
      [...uris].map(async ([name, uri]) => [name, await recordAges(base, uri, ending.signal)] as const),
    )
    const delays = recordSoundDelays(base, uris, ending.signal)
    await delay(minutes * 60_000)
    ending.abort()
    const figures = [...soundFigures(await delays), ...ageFigures(await ages), ...memoryFigures(await memory)]
    await publisher.stop()
    return figures
  } finally {
    ending.abort()
    await whole.stop()
    dir.remove()
  }
}

const passedName = 'passed video'
const encodedName = 'encoded video'
const audioName = 'audio'

/** Waits for all renditions. Returns the URIs of their media playlists by their names in this bench. */
async function urisOf(base: string): Promise<Map<string, string>> {
  return waitFor('all renditions', async () => {
    const { variants, media } = await createChannelRequests(base).multivariant()
    const uriOf = (size: string) =>
      variants.find(({ attributes }) => attributes.get('RESOLUTION') === size)?.uri
    const [passed, encoded, audio] = [uriOf(beatSource.size), uriOf('256x144'), media[0]?.get('URI')]
    if (!passed || !encoded || !audio) return false
    return new Map([
      [passedName, passed],
      [encodedName, encoded],
      [audioName, audio],
    ])
  })
}

/** Name of the result in fast motion. */
const fastName = 'drift-fast'

/**
 * Measures every `sampleMs` how much later the sound is than the picture, until `signal` aborts. Returns a
 * median for each measurement, ms, by name of the video rendition.
 */
async function recordSoundDelays(base: string, uris: ReadonlyMap<string, string>, signal: AbortSignal) {
  const delays = new Map<string, number[]>([
    [passedName, []],
    [encodedName, []],
  ])
  while (!signal.aborted) {
    await delay(sampleMs, undefined, { signal }).catch(() => {})
    const segments = await newestSegments(base, uris).catch(() => undefined)
    const audio = segments?.get(audioName)
    if (segments === undefined || audio === undefined) continue
    const tones = await toneTimes(audio)
    for (const [name, list] of delays) {
      const video = segments.get(name)
      const found = video ? soundDelays(await flashTimes(video), tones) : []
      if (found.length > 0) list.push(median(found))
    }
  }
  return delays
}

/** Fetches the newest segment that all renditions have. Returns it by name of the rendition. */
async function newestSegments(base: string, uris: ReadonlyMap<string, string>): Promise<Map<string, Media>> {
  const { playlistAt, mediaAt } = createChannelRequests(base)
  const lists = await Promise.all(
    [...uris].map(async ([name, uri]) => ({ name, uri, ...(await playlistAt(uri)) })),
  )
  const msn = Math.min(...lists.map(({ lastWhole }) => lastWhole))
  const media = lists.map(async ({ name, uri, playlist }): Promise<[string, Media]> => {
    const segment = playlist.segments.find((each) => each.msn === msn)
    const [init, body] = await Promise.all(
      [segment?.map ?? '', segment?.uri ?? ''].map(async (each) => (await mediaAt(uri, each)).body),
    )
    return [name, { init: init ?? Buffer.alloc(0), segment: body ?? Buffer.alloc(0) }]
  })
  return new Map(await Promise.all(media))
}

const spread = (values: readonly number[]) =>
  values.length < 2 ? Number.NaN : Math.max(...values) - Math.min(...values)

const soundFigures = (delays: ReadonlyMap<string, number[]>): Figure[] =>
  [...delays].flatMap(([name, list]) => [
    { name: `sound later than ${name}, first of ${list.length}`, value: list[0] ?? Number.NaN, unit: 'ms' },
    { name: `drift of sound to ${name}`, value: spread(list), unit: 'ms', atMost: 20 },
  ])

const ageFigures = (ages: readonly (readonly [string, Ages])[]): Figure[] =>
  ages.flatMap(([name, minutes]) => [
    {
      name: `age of ${name}, median of the second minute`,
      value: Math.round(minutes[1] ?? Number.NaN),
      unit: 'ms',
    },
    {
      name: `drift of the age of ${name}`,
      value: Math.round(spread(minutes.slice(1))),
      unit: 'ms',
      atMost: 200,
    },
  ])
