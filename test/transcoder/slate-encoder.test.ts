import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlateMediaType } from '../../core/contracts/slate-file.ts'
import { parseAvcConfig } from '../../core/media/codec/avc.ts'
import { createLog } from '../../core/process/log.ts'
import { openFfmpegBox } from '../../transcoder/encoder/box/ffmpeg-box.ts'
import type { TranscodePlan } from '../../transcoder/plan/plan.ts'
import { createSlateEncoder, type SlateEncoder } from '../../transcoder/slate/encode-slate.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { plainPlan } from '../kit/transcoder/plain-plan.ts'

const directory = makeTempDir()
let encode: SlateEncoder
beforeAll(async () => {
  const environment = { PATH: process.env.PATH ?? '' }
  const { box } = await openFfmpegBox({ path: 'ffmpeg', memoryMb: 2048, environment })
  encode = createSlateEncoder({ box, preset: 'veryfast', segmentMs: 2000, log: createLog('test', 'silent') })
})
afterAll(() => directory.remove())

const plan: TranscodePlan = {
  ...plainPlan,
  video: [
    { name: '180p-hevc', width: 320, height: 180, bitrate: null },
    { name: '180p', width: 320, height: 180, bitrate: 500_000 },
    { name: '90p', width: 160, height: 90, bitrate: 100_000 },
  ],
}

/** Makes a file with ffmpeg from a test picture of this size. */
async function make(name: string, size: string, ...options: readonly string[]): Promise<Buffer> {
  const file = join(directory.path, name)
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`, '-f', 'lavfi', '-i', 'sine']
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...source, ...options, '-y', file])
  return readFileSync(file)
}

const one = ['-map', '0:v', '-frames:v', '1']
const clip = ['-t', '3', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

test.each<[string, SlateMediaType, number, () => Promise<Buffer>]>([
  ['a wide picture', 'image/png', 50, () => make('wide.png', '1600x300', ...one)],
  ['a high picture of odd sides', 'image/jpeg', 50, () => make('high.jpg', '301x899', ...one)],
  ['a clip with sound', 'video/mp4', 75, () => make('a.mp4', '640x360', ...clip, '-movflags', '+faststart')],
  ['a clip in WebM', 'video/webm', 75, () => make('a.mkv', '640x480', ...clip, '-f', 'matroska')],
  [
    'the first half minute of a long clip',
    'video/mp4',
    750,
    () => make('long.mp4', '64x64', ...clip, '-t', '33', '-movflags', '+faststart'),
  ],
])('%s becomes frames of all renditions', async (_what, mediaType, frames, file) => {
  const media = await encode({ mediaType, content: await file() }, plan)
  expect(media).toMatchObject({ fps: 25, lengthMs: frames * 40 })
  expect([...media.renditions.keys()]).toEqual(['180p-hevc', '180p', '90p'])
  for (const { name, width, height } of plan.video) {
    const rendition = media.renditions.get(name)
    expect(parseAvcConfig(rendition?.record ?? Buffer.alloc(0))).toMatchObject({ width, height })
    expect(rendition?.frames).toHaveLength(frames)
    const keyframes = rendition?.frames.flatMap(({ packet }, index) => (packet === 'keyframe' ? [index] : []))
    expect(keyframes).toEqual(Array.from({ length: Math.ceil(frames / 50) }, (_, index) => index * 50))
    expect(rendition?.frames.every(({ compositionMs }) => compositionMs === 0)).toBe(true)
  }
})

test.each<[string, SlateMediaType, () => Promise<Buffer>]>([
  ['no picture at all', 'image/png', async () => Buffer.from('<html>not a picture</html>')],
  [
    'half of a picture header',
    'image/jpeg',
    async () => (await make('x.jpg', '320x180', ...one)).subarray(0, 99),
  ],
  ['a clip without a picture', 'video/mp4', () => make('s.mp4', '64x64', '-map', '1:a', '-t', '1')],
  ['an empty file', 'image/png', async () => Buffer.alloc(0)],
])('%s is refused', async (_what, mediaType, file) => {
  await expect(encode({ mediaType, content: await file() }, plan)).rejects.toThrow()
})
