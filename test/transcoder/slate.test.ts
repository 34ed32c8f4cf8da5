import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ReadSegment } from '../kit/playlist.ts'
import { startPublisher } from '../kit/publisher.ts'
import { followShow, type Show } from '../kit/show.ts'
import { makePicture, uploadSlate } from '../kit/slate-upload.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

let whole: Whole
let red: Buffer
beforeAll(async () => {
  ;[whole, red] = await Promise.all([
    startWhole({ env: { NOWCAST_LADDER: 'source,120' } }),
    makePicture('red', '1200x300'),
  ])
})
afterAll(() => whole?.stop())

/** Runs ffmpeg with `input` on stdin. Returns what it writes to stdout. */
function ffmpeg(args: readonly string[], input: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const child = execFile(
    'ffmpeg',
    ['-v', 'error', ...args, 'pipe:1'],
    { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
    (error, stdout) => (error ? reject(error) : resolve(stdout)),
  )
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return promise
}

/** Waits until a playlist has a whole segment after this number of discontinuities. Returns the newest. */
const segmentAfter = (show: Show, uri: string, count: number) =>
  waitFor(`a segment after discontinuity ${count} in ${uri}`, async () => {
    const { segments = [], discontinuitySequence = 0 } = (await show.read(uri)) ?? {}
    const cuts = segments.map((_, index) => segments.slice(0, index + 1).filter((each) => each.discontinuity))
    return segments.findLast(
      (each, index) => each.uri && !each.gap && discontinuitySequence + (cuts[index]?.length ?? 0) >= count,
    )
  })

/** Returns the colour in the middle of the first frame of a segment: red, green and blue. */
async function colourOf(show: Show, uri: string, segment: Pick<ReadSegment, 'map' | 'uri'>) {
  const parts = [segment.map, segment.uri].map((each) => show.requests.mediaAt(uri, each ?? ''))
  const media = Buffer.concat((await Promise.all(parts)).map(({ body }) => body))
  const middle = ['-vf', 'crop=8:8,scale=1:1', '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24']
  return [...(await ffmpeg(['-i', 'pipe:0', ...middle], media))]
}

const isRed = ([red = 0, green = 255, blue = 255]: number[]) => red > 200 && green < 60 && blue < 60

/**
 * Starts a show of a channel with a red slate, and waits until that is ready. Returns it with the playlists
 * of its video, and a function that publishes again.
 */
async function startShow(slug: string) {
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug })
  await uploadSlate(whole, slug, red)
  const publish = () => startPublisher({ url: `${whole.rtmpUrl}/${streamKey}`, size: '320x180' })
  const publisher = publish()
  onTestFinished(async () => void (await publisher.stop('SIGKILL')))
  const show = await followShow(whole, slug)
  await whole.supervisor.line(new RegExp(`"slug":"${slug}".*the slate is ready`))
  const { variants } = await show.requests.multivariant()
  const videos = variants.filter(({ attributes }) => attributes.has('RESOLUTION')).map(({ uri }) => uri)
  expect(videos).toHaveLength(2)
  return { show, videos, publisher, publish }
}

test('while the publisher is away viewers see the slate in all renditions, and its show afterwards', async () => {
  const { show, videos, publisher, publish } = await startShow('with-slate')
  const first = await show.live()
  const encoders = whole.ffmpegPids().length
  await publisher.stop('SIGKILL')
  for (const uri of videos)
    expect(await colourOf(show, uri, await segmentAfter(show, uri, 1))).toSatisfy(isRed)
  expect((await show.live())?.state).toBe('interrupted')
  expect(whole.ffmpegPids().length).toBeLessThan(encoders)
  const isFollowed = async (uri: string) => {
    const { msn } = await segmentAfter(show, uri, 1)
    await waitFor(`more of the slate in ${uri}`, async () => (await segmentAfter(show, uri, 1)).msn > msn)
  }
  await Promise.all(show.uris.map(isFollowed))

  const next = publish()
  onTestFinished(async () => void (await next.stop('SIGKILL')))
  for (const uri of videos)
    expect(await colourOf(show, uri, await segmentAfter(show, uri, 2))).not.toSatisfy(isRed)
  expect(await show.live()).toMatchObject({ sessionId: first?.sessionId, state: 'live' })
  expect(show.steps).toEqual([])
}, 90_000)

test('while a connected publisher sends nothing viewers see the slate, and its show afterwards', async () => {
  const { show, videos, publisher } = await startShow('paused')
  process.kill(publisher.pid, 'SIGSTOP')
  for (const uri of videos)
    expect(await colourOf(show, uri, await segmentAfter(show, uri, 1))).toSatisfy(isRed)
  expect((await show.live())?.state).toBe('live')
  process.kill(publisher.pid, 'SIGCONT')
  for (const uri of videos)
    expect(await colourOf(show, uri, await segmentAfter(show, uri, 2))).not.toSatisfy(isRed)
  expect(show.steps).toEqual([])
}, 90_000)
