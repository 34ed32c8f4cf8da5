import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEnhancedPublisher } from '../kit/enhanced-source.ts'
import { type PublishOptions, startPublisher } from '../kit/publisher.ts'
import { discontinuities, followShow } from '../kit/show.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

type Settings = Omit<PublishOptions, 'url'> | 'hevc'

const directory = makeTempDir()
let whole: Whole
beforeAll(async () => {
  whole = await startWhole()
})
afterAll(async () => {
  await whole?.stop()
  directory.remove()
})

async function publish(key: string, settings: Settings) {
  if (settings === 'hevc') {
    const port = Number(new URL(whole.rtmpUrl.replace('rtmp:', 'http:')).port)
    return startEnhancedPublisher(directory.path, 'hevc', { port, key })
  }
  const publisher = startPublisher({ ...settings, url: `${whole.rtmpUrl}/${key}` })
  return { stop: () => publisher.stop('SIGKILL') }
}

const plain = { size: '640x360' }
const surround = { ...plain, more: ['-ac', '6'] }

/** The attributes of the multivariant playlist after the return: those of each variant, and of the sound. */
test.each<[string, Settings, Settings, object, object?]>([
  [
    'a smaller picture',
    { size: '854x480' },
    plain,
    { '480p': { RESOLUTION: '640x360' }, '360p': { RESOLUTION: '640x360' } },
  ],
  [
    'a larger picture',
    plain,
    { size: '1280x720' },
    {
      '360p': { RESOLUTION: '1280x720' },
      '480p': { RESOLUTION: '854x480' },
      '240p': { RESOLUTION: '426x240' },
    },
  ],
  [
    'another frame rate',
    plain,
    { ...plain, fps: 25 },
    { '360p': { 'FRAME-RATE': '25.000' }, '240p': { 'FRAME-RATE': '25.000' } },
  ],
  ['HEVC', plain, 'hevc', { '360p': { CODECS: expect.stringMatching(/^avc1/), RESOLUTION: '320x180' } }],
  [
    'H.264 instead of HEVC',
    'hevc',
    { size: '320x180' },
    { '180p-hevc': { CODECS: expect.stringMatching(/^avc1/) }, '180p': {} },
  ],
  ['stereo instead of 5.1', surround, plain, { '360p': {} }, { CHANNELS: '2' }],
  ['no sound instead of 5.1', surround, { ...plain, audioChannels: 0 }, { '360p': {} }],
  ['no sound', plain, { ...plain, audioChannels: 0 }, { '360p': {} }, { CHANNELS: '2' }],
  ['sound', { ...plain, audioChannels: 0 }, plain, { '360p': {} }, { CHANNELS: '2' }],
  ['mono', plain, { ...plain, audioChannels: 1 }, { '360p': {} }, { CHANNELS: '1' }],
])(
  'a publisher that returns with %s continues its show',
  async (name, before, after, expected, sound = {}) => {
    const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    const { streamKey } = await whole.api('POST', '/v1/channels', { slug })
    let publisher = await publish(streamKey, before)
    try {
      const show = await followShow(whole, slug)
      const first = await show.live()
      await waitFor('a segment', async () => (await show.playlist())?.segments.some(({ uri }) => uri))
      await publisher.stop()
      await waitFor('the interruption', async () => (await show.live())?.state === 'interrupted')
      publisher = await publish(streamKey, after)

      for (const uri of show.uris) {
        const { segments, ended } = await waitFor(`a segment of the next publish in ${uri}`, async () => {
          const playlist = await show.read(uri)
          const isBeyond = playlist?.segments.some(({ uri, discontinuity }) => uri && discontinuity)
          return playlist && isBeyond && discontinuities(playlist) === 1 && playlist
        })
        expect(ended).toBe(false)
        const at = segments.findIndex(({ discontinuity }) => discontinuity)
        expect(segments[at]?.map).not.toBe(segments[at - 1]?.map)
        expect((await show.requests.mediaAt(uri, segments[at]?.map ?? '')).status).toBe(200)
      }
      expect(await show.live()).toMatchObject({ sessionId: first?.sessionId, state: 'live' })
      const attributes = await waitFor('what is played in the multivariant playlist', async () => {
        const { variants, media } = await show.requests.multivariant()
        const all = variants.map((each) => Object.fromEntries(each.attributes))
        const byName = Object.fromEntries(all.map((each) => [each['STABLE-VARIANT-ID'], each]))
        const [audio = new Map()] = media
        return Object.keys(expected).every((each) => each in byName) && { byName, audio }
      })
      expect(attributes.byName).toMatchObject(expected)
      expect(Object.fromEntries(attributes.audio)).toMatchObject(sound)
      expect(show.steps).toEqual([])
    } finally {
      await publisher.stop()
    }
  },
  60_000,
)
