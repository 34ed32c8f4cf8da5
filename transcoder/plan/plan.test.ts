import { describe, expect, test } from 'vitest'
import type { AudioSource, VideoSource } from '../../core/media/source.ts'
import { parseLadder } from './ladder.ts'
import { planAgain, planTranscode } from './plan.ts'

const h264: VideoSource = {
  codec: 'h264',
  codecString: 'avc1.64001f',
  width: 1920,
  height: 1080,
  fps: 30,
  isBrowserFriendly: true,
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

function plan(
  video: Partial<VideoSource> | null,
  {
    audio = aac,
    ladder = 'auto',
    followsSource = true,
  }: { audio?: AudioSource | null; ladder?: string; followsSource?: boolean } = {},
) {
  const source = { video: video && { ...h264, ...video }, audio, bitrate: 0, jitterMs: 0 }
  return planTranscode(source, { ladder: parseLadder(ladder), followsSource })
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
      audio: 'copy',
      fps: 30,
      keyframes: 'source',
    })
  })

  test.each([
    ['HEVC', { codec: 'hevc' as const }],
    ['10 bits or 4:4:4', { isBrowserFriendly: false }],
  ])('%s is encoded at its own size', (_, video) => {
    expect(tracks(video)[0]).toBe('1080p 1920x1080 4500000')
    expect(plan(video).keyframes).toBe('source')
  })

  test('a GOP that segments cannot follow is encoded with timed keyframes', () => {
    expect(tracks({}, { followsSource: false })[0]).toBe('1080p 1920x1080 4500000')
    expect(plan({}, { followsSource: false }).keyframes).toBe('timed')
  })

  test('more than 60 fps are reduced to 60', () => {
    expect(plan({ fps: 120 })).toMatchObject({ fps: 60, keyframes: 'timed' })
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
    expect(tracks({ width: 641, height: 361, isBrowserFriendly: false })).toEqual([
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
    // Nothing in the list is below the source, so the source is used.
    expect(tracks({ width: 640, height: 360 }, { ladder: '720,480' })).toEqual(['360p 640x360 null'])
  })

  test('audio only', () => {
    expect(plan(null)).toEqual({ video: [], audio: 'copy', fps: 0, keyframes: 'source' })
  })
})

test.each([
  ['AAC-LC', aac, 'copy'],
  ['HE-AAC', { ...aac, codecString: 'mp4a.40.5' }, 'copy'],
  ['AAC, mono', { ...aac, channels: 1 }, 'copy'],
  ['AAC of an unknown type', { ...aac, codecString: null }, 'copy'],
  ['AAC Main', { ...aac, codecString: 'mp4a.40.1' }, 'encode'],
  ['AAC, 5.1', { ...aac, channels: 6 }, 'encode'],
  ['MP3', { ...aac, codec: 'mp3' as const, codecString: null }, 'encode'],
  ['none', null, 'silent'],
])('audio: %s', (_, audio, expected) => {
  expect(plan({}, { audio }).audio).toBe(expected)
})

test('a source that changes keeps the set of renditions, and none is enlarged', () => {
  const source = { video: { ...h264, width: 640, height: 360 }, audio: null, bitrate: 0, jitterMs: 0 }
  const options = { ladder: parseLadder('auto'), followsSource: true }
  const again = planAgain(plan({ width: 1280, height: 720 }), source, options)
  expect(
    again.video.map(({ name, width, height, bitrate }) => `${name} ${width}x${height} ${bitrate}`),
  ).toEqual(['720p 640x360 null', '480p 640x360 700000', '360p 640x360 700000', '240p 426x240 350000'])
  expect(again.audio).toBe('silent')
})
