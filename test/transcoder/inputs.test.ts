import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPlaylist } from '../kit/playlist.ts'
import { pictureArgs } from '../kit/transcoder-flv-source.ts'
import { fetchOrigin } from '../kit/transcoder-process.ts'
import { buildStand, type Show, sourceOf } from '../kit/transcoder-stand.ts'
import { waitFor } from '../kit/wait-for.ts'

let stand: Awaited<ReturnType<typeof buildStand>>
beforeAll(async () => {
  stand = await buildStand()
  await stand.transcoder()
})
afterAll(() => stand.close())

/** A stream of a file as ffprobe sees it. */
interface Probed {
  codec_name: string
  width?: number
  height?: number
  sample_aspect_ratio?: string
  channels?: number
  nb_read_frames: string
}

/** Decodes what a rendition's playlist lists so far. */
async function probe(show: Show, rendition: string): Promise<Probed> {
  const origin = await show.origin()
  const base = `/live/${show.session.slug}/${show.sessionId}/`
  const get = async (path: string) => {
    const response = await fetchOrigin(origin?.url ?? '', base + path)
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  }
  const { segments } = readPlaylist((await get(`${rendition}.m3u8`)).toString())
  const newest = segments.at(-1)
  const sameEpoch = segments.filter(({ map }) => map === newest?.map)
  const media = await Promise.all(
    [newest?.map ?? '', ...sameEpoch.flatMap(({ uri, parts }) => uri ?? parts.map((part) => part.uri))].map(
      get,
    ),
  )
  const args = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', '-i', 'pipe:0']
  const ffprobe = promisify(execFile)('ffprobe', args)
  ffprobe.child.stdin?.end(Buffer.concat(media))
  const { stdout } = await ffprobe
  return JSON.parse(stdout).streams[0]
}

const untilMedia = (show: Show) =>
  show.originWhere('live', ({ state, nextMsn }) => state === 'live' && nextMsn >= 1, 20_000)

// Small pictures, several at a time: each takes its seconds of real time.
describe.concurrent('plays', () => {
  test.each([
    ['60 fps', { size: '320x180', fps: 60 }, ['180p passed 320x180']],
    ['25 fps', { size: '480x270', fps: 25 }, ['270p passed 480x270', '240p made 426x240']],
    ['portrait', { size: '270x480', fps: 30 }, ['270p passed 270x480', '240p made 240x426']],
    ['mono', { size: '320x180', channels: 1 }, ['180p passed 320x180']],
    [
      'reordered frames',
      { size: '480x270', bFrames: 2, gop: 60 },
      ['270p passed 480x270', '240p made 426x240'],
    ],
  ] as const)('%s', async (_, picture, expected) => {
    await using show = await stand.show({ gop: 30, ...picture })
    const { renditions } = await untilMedia(show)
    const videos = renditions.filter(({ kind }) => kind === 'video')
    expect(
      videos.map(
        (each) => `${each.name} ${each.passthrough ? 'passed' : 'made'} ${each.width}x${each.height}`,
      ),
    ).toEqual(expected)
    for (const { name, width, height } of videos) {
      const video = await probe(show, name)
      expect(video).toMatchObject({ codec_name: 'h264', width, height, sample_aspect_ratio: '1:1' })
      expect(Number(video.nb_read_frames)).toBeGreaterThan(20)
    }
    const channels = 'channels' in picture ? picture.channels : 2
    expect(await probe(show, 'audio')).toMatchObject({ codec_name: 'aac', channels })
  })

  test('odd sizes and 4:4:4 are encoded to even ones that browsers show', async () => {
    const args = pictureArgs({ size: '641x361', more: ['-pix_fmt', 'yuv444p', '-profile:v', 'high444'] })
    const source = sourceOf('641x361')
    if (source.video) source.video.isBrowserFriendly = false
    await using show = await stand.show({ args, source })
    await untilMedia(show)
    expect(await probe(show, '360p')).toMatchObject({ width: 640, height: 360, sample_aspect_ratio: '1:1' })
    expect(await probe(show, '240p')).toMatchObject({ width: 426, height: 240 })
  })

  test('variable frame rate', async () => {
    // Every frame of the first half of each second, every fifth of the second.
    const vfr = [
      '-vf',
      "select='lt(mod(t,1),0.5)+not(mod(n,5))'",
      '-fps_mode',
      'vfr',
      '-force_key_frames',
      'expr:gte(t,n_forced)',
    ]
    await using show = await stand.show({
      args: pictureArgs({ size: '480x270', gop: 300, more: vfr }),
      source: sourceOf('480x270', 18),
    })
    await untilMedia(show)
    for (const name of ['270p', '240p'])
      expect(Number((await probe(show, name)).nb_read_frames)).toBeGreaterThan(15)
  })

  test('MP3 is encoded to AAC', async () => {
    const source = sourceOf('320x180')
    if (source.audio) source.audio = { ...source.audio, codec: 'mp3', codecString: null, sampleRate: 44_100 }
    await using show = await stand.show({
      args: pictureArgs({ size: '320x180', more: ['-c:a', 'libmp3lame', '-ar', '44100'] }),
      source,
    })
    await untilMedia(show)
    expect(await probe(show, 'audio')).toMatchObject({ codec_name: 'aac', channels: 2 })
  })

  test('no sound: viewers get silence', async () => {
    await using show = await stand.show({ size: '320x180', channels: 0 })
    await untilMedia(show)
    const audio = await probe(show, 'audio')
    expect(audio.codec_name).toBe('aac')
    expect(Number(audio.nb_read_frames)).toBeGreaterThan(20)
  })

  test('sound alone', async () => {
    const source = { ...sourceOf(), video: null }
    const args = [
      '-re',
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440:sample_rate=48000',
      '-t',
      '60',
      '-c:a',
      'aac',
      '-ac',
      '2',
    ]
    await using show = await stand.show({ args, source })
    const { renditions } = await untilMedia(show)
    expect(renditions.map(({ name }) => name)).toEqual(['audio'])
  })

  test('sound that starts late is heard from the next keyframe on', async () => {
    // The tone is 2 s late; until it comes the ingest knows of no sound.
    const args = pictureArgs({ size: '320x180' })
    args.splice(args.lastIndexOf('-re'), 0, '-itsoffset', '2')
    await using show = await stand.show({ args, source: sourceOf('320x180', 30, 0) })
    await show.originWhere('live', ({ state }) => state === 'live')
    show.session.source = sourceOf('320x180')
    await show.originWhere('at its second epoch', ({ epoch, state }) => epoch === 2 && state === 'live')
    const { segments } = await waitFor('sound of the second epoch', async () => {
      const playlist = await show.playlist('audio')
      return playlist.segments.some(({ uri }) => uri?.startsWith('2/')) && playlist
    })
    const first = segments.findIndex(({ map }) => map?.startsWith('2/'))
    const [before, after] = [segments[first - 1], segments[first]]
    expect(after?.discontinuity).toBe(true)
    const gapMs =
      (after?.programDateTime ?? 0) - (before?.programDateTime ?? 0) - (before?.duration ?? 0) * 1000
    expect(Math.abs(gapMs)).toBeLessThanOrEqual(60)
  })
})
