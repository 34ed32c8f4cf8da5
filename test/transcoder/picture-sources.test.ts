import { afterAll, beforeAll, expect, test } from 'vitest'
import { tagOf, videoTag } from '../../core/media/flv-tag.ts'
import { createLog } from '../../core/process/log.ts'
import { openFfmpegBox } from '../../transcoder/encoder/box/ffmpeg-box.ts'
import { createSessionPictures } from '../../transcoder/picture/session-pictures.ts'
import { createUnitParser } from '../../transcoder/source/media-unit.ts'
import { SourceTracks } from '../../transcoder/source/source-tracks.ts'
import { encodeEnhanced } from '../kit/enhanced-source.ts'
import { encodeMessages } from '../kit/sources/media-messages.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

const directory = makeTempDir()
let ffmpeg: Awaited<ReturnType<typeof openFfmpegBox>>
beforeAll(async () => {
  const environment = { PATH: process.env.PATH ?? '' }
  ffmpeg = await openFfmpegBox({ path: 'ffmpeg', memoryMb: 2048, environment })
})
afterAll(() => directory.remove())

interface Message {
  type: number
  payload: Buffer
  ms: number
}

const h264 = (bFrames: number) =>
  encodeMessages({ bFrames, seconds: 2 }).map(({ timestamp, ...message }) => ({ ...message, ms: timestamp }))

test.each<[string, () => Message[]]>([
  ['H.264', () => h264(0)],
  ['H.264 with frames out of order', () => h264(2)],
  ['HEVC', () => encodeEnhanced(directory.path, 'hevc', 2)],
  ['AV1', () => encodeEnhanced(directory.path, 'av1', 2)],
])('one keyframe of %s makes a picture, without the next one', async (_codec, messages) => {
  const tracks = new SourceTracks()
  const parse = createUnitParser(0)
  for (const { type, payload, ms } of messages().slice(0, 30)) {
    const unit = type === videoTag ? parse(tagOf(type, ms, payload)) : undefined
    if (unit) tracks.observe(unit, 0)
  }
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const log = createLog('test', 'silent')
  const pictures = createSessionPictures({ ...ffmpeg, everyMs: 1, tracks, onPicture: resolve, log })
  pictures.tick(1)
  pictures.tick(100)
  expect((await promise).subarray(0, 2).toString('hex')).toBe('ffd8')
  pictures.close()
})
