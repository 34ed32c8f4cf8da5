import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import type { RenditionList } from '../../player/watch/screen/rendition-list.ts'
import { decodedFrames } from '../kit/decoded-frames.ts'
import { startEnhancedPublisher } from '../kit/enhanced-source.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { useWatchFixture } from '../kit/watch-fixture.ts'

const fixture = useWatchFixture()
const directory = makeTempDir()
afterAll(() => directory.remove())

/** Decodes 2 s of the variant with index `program`. Returns the number of frames and ffmpeg's errors. */
async function decode(url: string, program: number) {
  const args = ['-v', 'error', '-progress', 'pipe:1', '-i', url, '-map', `0:p:${program}:v`, '-t', '2']
  const { stdout, stderr } = await promisify(execFile)('ffmpeg', [...args, '-f', 'null', '-'])
  return {
    frames: decodedFrames(stdout),
    stderr,
  }
}

test.each([
  ['hevc', /^hvc1\.1\.6\.L\d+\.[0-9A-F.]+,mp4a\.40\.2$/],
  ['av1', /^av01\.0\.\d\dM\.08,mp4a\.40\.2$/],
] as const)(
  '%s by enhanced RTMP is passed through beside a ladder of H.264',
  async (codec, codecs) => {
    const { api, rtmpUrl, edgeUrl } = fixture.whole()
    const { streamKey } = await api('POST', '/v1/channels', { slug: codec })
    const port = Number(new URL(rtmpUrl.replace('rtmp:', 'http:')).port)
    const publisher = await startEnhancedPublisher(directory.path, codec, { port, key: streamKey })
    const url = `${edgeUrl}/live/${codec}/index.m3u8`
    const playlist = await waitFor('the playlist', async () => {
      const response = await fetch(url)
      return response.ok && (await response.text())
    })
    const listed = [...playlist.matchAll(/CODECS="([^"]*)".*RESOLUTION=(\S+?),/g)].map(
      ([, ...found]) => found,
    )
    expect(listed).toEqual([
      [expect.stringMatching(/^avc1\.[0-9a-f]{6},mp4a\.40\.2$/), '320x180'],
      [expect.stringMatching(codecs), '320x180'],
    ])
    for (const program of [0, 1]) {
      const { frames, stderr } = await decode(url, program)
      expect(stderr).toBe('')
      expect(frames).toBeGreaterThan(40)
    }

    const page = fixture.page()
    const requested: string[] = []
    page.on('request', (request) => void requested.push(new URL(request.url()).pathname))
    await page.goto(fixture.watchUrl(codec))
    await fixture.state('playing')
    await fixture.playsOn(1)
    // The player stays with the codec that it began with, H.264, unless the viewer chooses another.
    const hasRequested = () => requested.some((path) => path.includes(`180p-${codec}/`))
    expect(hasRequested()).toBe(false)
    if (codec === 'av1') {
      for (const index of [0, 1]) {
        await page.evaluate((index) => {
          const video = document.querySelector('video') as unknown as { videoRenditions: RenditionList }
          video.videoRenditions.selectedIndex = index
        }, index)
        await fixture.playsOn(1)
      }
      expect(hasRequested()).toBe(true)
    }
    await publisher.stop()
  },
  120_000,
)
