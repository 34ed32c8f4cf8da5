import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { testVideoArgs } from '../kit/transcoder/flv-source.ts'
import { sourceOf, type TestSession, useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'

const fixture = useTranscoderFixture()
beforeAll(async () => {
  await fixture.startTranscoder()
})

/** Properties of a stream that ffprobe prints. */
interface ProbedStream {
  codec_name: string
  width?: number
  height?: number
  sample_aspect_ratio?: string
  channels?: number
  nb_read_frames: string
}

/** Returns what ffprobe finds in the media of the newest epoch in a rendition's playlist. */
async function probe(session: TestSession, rendition: string): Promise<ProbedStream> {
  const { segments } = await session.playlist(rendition)
  const newest = segments.at(-1)
  const sameEpoch = segments.filter(({ map }) => map === newest?.map)
  const paths = [
    newest?.map ?? '',
    ...sameEpoch.flatMap(({ uri, parts }) => uri ?? parts.map((part) => part.uri)),
  ]
  const media = await Promise.all(
    paths.map(async (path) => Buffer.from(await (await session.fetch(path)).arrayBuffer())),
  )
  const args = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', '-i', 'pipe:0']
  const ffprobe = promisify(execFile)('ffprobe', args)
  ffprobe.child.stdin?.end(Buffer.concat(media))
  const { stdout } = await ffprobe
  return JSON.parse(stdout).streams[0]
}

const untilMedia = (session: TestSession) =>
  session.originWhere('live', ({ state, nextMsn }) => state === 'live' && nextMsn >= 1, 20_000)

// Each of these tests takes seconds of real time. The videos are small so that several can run at once.
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
  ] as const)('%s', async (_, video, expected) => {
    await using session = await fixture.startSession({ gop: 30, ...video })
    const { renditions } = await untilMedia(session)
    const videos = renditions.filter(({ kind }) => kind === 'video')
    expect(
      videos.map(
        (each) => `${each.name} ${each.passthrough ? 'passed' : 'made'} ${each.width}x${each.height}`,
      ),
    ).toEqual(expected)
    for (const { name, width, height } of videos) {
      const stream = await probe(session, name)
      expect(stream).toMatchObject({ codec_name: 'h264', width, height, sample_aspect_ratio: '1:1' })
      expect(Number(stream.nb_read_frames)).toBeGreaterThan(20)
    }
    const channels = 'channels' in video ? video.channels : 2
    expect(await probe(session, 'audio')).toMatchObject({ codec_name: 'aac', channels })
  })

  test('odd sizes and 4:4:4 are encoded as even sizes that browsers can decode', async () => {
    const args = testVideoArgs({ size: '641x361', more: ['-pix_fmt', 'yuv444p', '-profile:v', 'high444'] })
    const source = sourceOf('641x361')
    if (source.video) source.video.isBrowserFriendly = false
    await using session = await fixture.startSession({ args, source })
    await untilMedia(session)
    expect(await probe(session, '360p')).toMatchObject({
      width: 640,
      height: 360,
      sample_aspect_ratio: '1:1',
    })
    expect(await probe(session, '240p')).toMatchObject({ width: 426, height: 240 })
  })

  test('variable frame rate', async () => {
    // Keeps all frames of the first half of each second, and every fifth frame of the second half.
    const vfr = [
      '-vf',
      "select='lt(mod(t,1),0.5)+not(mod(n,5))'",
      '-fps_mode',
      'vfr',
      '-force_key_frames',
      'expr:gte(t,n_forced)',
    ]
    await using session = await fixture.startSession({
      args: testVideoArgs({ size: '480x270', gop: 300, more: vfr }),
      source: sourceOf('480x270', 18),
    })
    await untilMedia(session)
    for (const name of ['270p', '240p'])
      expect(Number((await probe(session, name)).nb_read_frames)).toBeGreaterThan(15)
  })

  test('MP3 is encoded to AAC', async () => {
    const source = sourceOf('320x180')
    if (source.audio) source.audio = { ...source.audio, codec: 'mp3', codecString: null, sampleRate: 44_100 }
    await using session = await fixture.startSession({
      args: testVideoArgs({ size: '320x180', more: ['-c:a', 'libmp3lame', '-ar', '44100'] }),
      source,
    })
    await untilMedia(session)
    expect(await probe(session, 'audio')).toMatchObject({ codec_name: 'aac', channels: 2 })
  })

  test('no audio: viewers get silence', async () => {
    await using session = await fixture.startSession({ size: '320x180', channels: 0 })
    await untilMedia(session)
    const audio = await probe(session, 'audio')
    expect(audio.codec_name).toBe('aac')
    expect(Number(audio.nb_read_frames)).toBeGreaterThan(20)
  })

  test('audio only', async () => {
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
    await using session = await fixture.startSession({ args, source })
    const { renditions } = await untilMedia(session)
    expect(renditions.map(({ name }) => name)).toEqual(['audio'])
  })

  test('audio that starts late is silence until then', async () => {
    // The tone begins 2 s after the picture.
    const args = testVideoArgs({ size: '320x180' })
    args.splice(args.lastIndexOf('-re'), 0, '-itsoffset', '2')
    await using session = await fixture.startSession({ args, source: sourceOf('320x180', 30, 0) })
    await session.originWhere('live with media', ({ state, nextMsn }) => state === 'live' && nextMsn >= 2)
    const { segments } = await session.playlist('audio')
    expect(segments.some(({ discontinuity, gap }) => discontinuity || gap)).toBe(false)
    expect(segments[0]?.duration).toBeGreaterThan(0.9)
  })
})
