import { describe, expect, test } from 'vitest'
import type { AudioSource, VideoSource } from '../../core/media/source.ts'
import { plainFacts, plainPicture } from '../../test/kit/plain-source.ts'
import { parseLadder } from './ladder.ts'
import { isPassedThrough, planAgain, planTranscode } from './plan.ts'

const h264: VideoSource = {
  codec: 'h264',
  codecString: 'avc1.64001f',
  width: 1920,
  height: 1080,
  fps: 30,
  isBrowserFriendly: true,
  ...plainPicture,
  gopMs: 2000,
  bitrate: 6_000_000,
}
const aac: AudioSource = {
  codec: 'aac',
  codecString: 'mp4a.40.2',
  sampleRate: 48_000,
  channels: 2,
  bitrate: 128_000,
}

const options = { followsSource: true, fillsParts: (frameMs: number) => frameMs < 40 }

function plan(
  video: Partial<VideoSource> | null,
  {
    audio = aac,
    ladder = 'auto',
    followsSource = true,
  }: { audio?: AudioSource | null; ladder?: string; followsSource?: boolean } = {},
) {
  const source = { video: video && { ...h264, ...video }, audio, bitrate: 0, jitterMs: 0, ...plainFacts }
  return planTranscode(source, { ...options, ladder: parseLadder(ladder), followsSource })
}

const tracks = (...given: Parameters<typeof plan>) =>
  plan(...given).video.map(({ name, width, height, bitrate }) => `${name} ${width}x${height} ${bitrate}`)

describe('video', () => {
  test('a friendly source is passed through above its rungs', () => {
    expect(plan({})).toEqual({
      video: [
        { name: '1080p', width: 1920, height: 1080, bitrate: null },
        { name: '720p', width: 1280, height: 720, bitrate: 2_260_000 },
        { name: '480p', width: 854, height: 480, bitrate: 1_130_000 },
        { name: '360p', width: 640, height: 360, bitrate: 700_000 },
        { name: '240p', width: 426, height: 240, bitrate: 350_000 },
      ],
      omitted: [],
      audio: 'passed',
      hasSurround: false,
      fps: 30,
      keyframes: 'source',
      picture: { deinterlaces: false, mapsTones: false, frameStep: 1, isIntraOnly: false },
    })
  })

  test.each([
    ['VP9', { codec: 'vp9' as const }],
    ['10 bits', { bitDepth: 10 }],
    ['4:4:4', { chroma: '4:4:4' as const }],
    ['a codec that is not known exactly', { codecString: null }],
  ])('%s is encoded at its own size', (_, video) => {
    expect(tracks(video)[0]).toBe('1080p 1920x1080 4500000')
    expect(plan(video).keyframes).toBe('source')
  })

  test.each(['hevc', 'av1'] as const)('%s is passed through beside a whole ladder', (codec) => {
    expect(tracks({ codec, bitDepth: 10 }).slice(0, 3)).toEqual([
      `1080p-${codec} 1920x1080 null`,
      '1080p 1920x1080 4500000',
      '720p 1280x720 2260000',
    ])
    expect(tracks({ codec, chroma: '4:2:2' })[0]).toBe('1080p 1920x1080 4500000')
  })

  test('interlaced video is deinterlaced and never passed through', () => {
    expect(tracks({ isInterlaced: true })[0]).toBe('1080p 1920x1080 4500000')
    expect(plan({ isInterlaced: true })).toMatchObject({
      keyframes: 'timed',
      picture: { deinterlaces: true },
    })
  })

  test('HDR is mapped to SDR where it is encoded', () => {
    expect(plan({ codec: 'hevc', bitDepth: 10, transfer: 'pq' }).picture.mapsTones).toBe(true)
  })

  test('pixels that are not square keep their shape', () => {
    const video = { width: 720, height: 576, pixelAspect: 16 / 11 }
    expect(tracks(video).map((track) => track.split(' ').slice(0, 2).join(' '))).toEqual([
      '576p 1047x576',
      '480p 872x480',
      '360p 654x360',
      '240p 436x240',
    ])
    expect(tracks({ ...video, isInterlaced: true })[0]).toMatch(/^576p 1046x576 /)
  })

  test('slides are encoded as keyframes only', () => {
    expect(plan({ fps: 0.1 })).toMatchObject({ keyframes: 'timed', picture: { isIntraOnly: true } })
    expect(plan({ fps: 0.1 }).video[0]?.bitrate).not.toBeNull()
  })

  test('a GOP that segments cannot follow is encoded with timed keyframes', () => {
    expect(tracks({}, { followsSource: false })[0]).toBe('1080p 1920x1080 4500000')
    expect(plan({}, { followsSource: false }).keyframes).toBe('timed')
  })

  test('more than 60 fps are reduced to 60', () => {
    expect(plan({ fps: 120 })).toMatchObject({ fps: 60, keyframes: 'timed', picture: { frameStep: 2 } })
    expect(plan({ fps: 144 })).toMatchObject({ fps: 48, picture: { frameStep: 3 } })
    expect(plan({ fps: 120 }).video[0]?.bitrate).not.toBeNull()
    expect(plan({ fps: 60 }).video[0]?.bitrate).toBeNull()
  })

  test('encoded video is no larger than 1080p, and has the name of the source', () => {
    expect(tracks({ width: 3840, height: 2160 }, { followsSource: false }).slice(0, 2)).toEqual([
      '2160p 1920x1080 4500000',
      '720p 1280x720 2260000',
    ])
    expect(tracks({ width: 3840, height: 2160 })[1]).toBe('1080p 1920x1080 4500000')
  })

  test('portrait and odd sizes', () => {
    expect(tracks({ width: 1080, height: 1920 }).slice(0, 2)).toEqual([
      '1080p 1080x1920 null',
      '720p 720x1280 2260000',
    ])
    expect(tracks({ width: 641, height: 361, chroma: '4:4:4' })).toEqual([
      '360p 640x360 700000',
      '240p 426x240 350000',
    ])
  })

  test("a rung's maximum bitrate is not above that of the source, but at least a quarter of what is fair", () => {
    expect(tracks({ bitrate: 1_000_000 })).toEqual([
      '1080p 1920x1080 null',
      '720p 1280x720 1000000',
      '480p 854x480 1000000',
      '360p 640x360 700000',
      '240p 426x240 350000',
    ])
    expect(tracks({ bitrate: 50_000 })[1]).toBe('720p 1280x720 565000')
    expect(tracks({ bitrate: 0 })[1]).toBe('720p 1280x720 2260000')
  })

  test('the setting', () => {
    expect(tracks({}, { ladder: 'off' })).toEqual(['1080p 1920x1080 null'])
    expect(tracks({}, { ladder: '720,480' }).map((track) => track.split(' ')[0])).toEqual(['720p', '480p'])
    expect(tracks({}, { ladder: 'source,360' }).map((track) => track.split(' ')[0])).toEqual([
      '1080p',
      '360p',
    ])
    // No size of the list is below the source, so there is one rendition of the size of the source.
    expect(tracks({ width: 640, height: 360 }, { ladder: '720,480' })).toEqual(['360p 640x360 null'])
  })

  test('audio only', () => {
    expect(plan(null)).toMatchObject({ video: [], audio: 'passed', fps: 0, keyframes: 'source' })
  })
})

test.each([
  ['AAC-LC', aac, 'passed', false],
  ['HE-AAC', { ...aac, codecString: 'mp4a.40.5' }, 'encoded', false],
  ['AAC, mono', { ...aac, channels: 1 }, 'passed', false],
  ['AAC Main', { ...aac, codecString: 'mp4a.40.1' }, 'encoded', false],
  ['AAC, 5.1', { ...aac, channels: 6 }, 'encoded', true],
  ['AAC whose frames do not fill parts', { ...aac, sampleRate: 8000 }, 'encoded', false],
  ['MP3', { ...aac, codec: 'mp3' as const, codecString: null }, 'encoded', false],
  ['Opus', { ...aac, codec: 'opus' as const, codecString: 'opus' }, 'encoded', false],
  ['none', null, 'silent', false],
])('audio: %s', (_, audio, expected, hasSurround) => {
  expect(plan({}, { audio })).toMatchObject({ audio: expected, hasSurround })
})

const sourceOf = (video: Partial<VideoSource>) => ({
  video: { ...h264, ...video },
  audio: null,
  bitrate: 0,
  jitterMs: 0,
  ...plainFacts,
})
const again = { ...options, ladder: parseLadder('auto') }

test('a source that changes keeps the set of renditions, and none is enlarged', () => {
  const changed = planAgain(plan({ width: 1280, height: 720 }), sourceOf({ width: 640, height: 360 }), again)
  expect(
    changed.video.map(({ name, width, height, bitrate }) => `${name} ${width}x${height} ${bitrate}`),
  ).toEqual(['720p 640x360 null', '480p 640x360 700000', '360p 640x360 700000', '240p 426x240 350000'])
  expect(changed.audio).toBe('silent')
})

test('a larger source gets the sizes that are new, below its own', () => {
  const changed = planAgain(plan({ width: 640, height: 360 }), sourceOf({ width: 1280, height: 720 }), again)
  expect(changed.video.map(({ name, width, height }) => `${name} ${width}x${height}`)).toEqual([
    ...['360p 1280x720', '240p 426x240', '480p 854x480'],
  ])
})

test('video that appears later has its own renditions', () => {
  expect(planAgain(plan(null), sourceOf({}), again).video.map(({ name }) => name)).toEqual([
    ...['1080p', '720p', '480p', '360p', '240p'],
  ])
})

test.each([
  ['stereo', aac, 'passed', true],
  ['no sound', null, 'silent', true],
  ['MP3', { ...aac, codec: 'mp3' as const, codecString: null }, 'encoded', false],
])('5.1 that changes to %s', (_, audio, expected, hasSurround) => {
  const changed = planAgain(plan({}, { audio: { ...aac, channels: 6 } }), { ...sourceOf({}), audio }, again)
  expect(changed).toMatchObject({ audio: expected, hasSurround })
  expect(isPassedThrough(changed, 'surround')).toBe(expected === 'passed')
})

test('a source that changes to HEVC and back is passed through only where players can play it', () => {
  const names = (of: ReturnType<typeof plan>) =>
    of.video.map(({ name, bitrate }) => `${name} ${bitrate === null}`)
  const hevc = plan({ codec: 'hevc' })
  const back = planAgain(hevc, sourceOf({}), again)
  expect(names(back).slice(0, 3)).toEqual(['1080p-hevc true', '1080p false', '720p false'])
  expect(planAgain(back, sourceOf({ codec: 'hevc' }), again).video).toEqual(hevc.video)
  expect(names(planAgain(hevc, sourceOf({ codec: 'av1' }), again)).slice(0, 2)).toEqual([
    ...['1080p false', '720p false'],
  ])
  expect(names(planAgain(plan({}), sourceOf({ codec: 'hevc' }), again)).slice(0, 2)).toEqual([
    '1080p false',
    '720p false',
  ])
})
