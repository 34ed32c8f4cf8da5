import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { matroskaFrame, matroskaHeader } from './matroska.ts'

const probe = (file: Buffer) =>
  JSON.parse(
    execFileSync(
      'ffprobe',
      ['-v', 'error', '-f', 'matroska', '-show_streams', '-show_packets', '-of', 'json', 'pipe:0'],
      { input: file, encoding: 'utf8' },
    ),
  )

test('ffmpeg reads what is written: Opus', () => {
  const record = Buffer.from('4f707573486561640102380180bb0000000000', 'hex')
  const track = { codec: 'opus', record, audio: { sampleRate: 48_000, channels: 2 } } as const
  // An Opus packet with 20 ms of silence.
  const frame = Buffer.from('fcfffe', 'hex')
  const times = [1000, 1020, 1040]
  const file = Buffer.concat([matroskaHeader(track), ...times.map((ms) => matroskaFrame(ms, true, frame))])
  const { streams, packets } = probe(file)
  expect(streams[0]).toMatchObject({ codec_name: 'opus', sample_rate: '48000', channels: 2 })
  expect(packets.map(({ pts, flags, size }: Record<string, string>) => `${pts} ${flags} ${size}`)).toEqual(
    times.map((ms) => expect.stringMatching(new RegExp(`^${ms} K.* 3$`))),
  )
})

test('ffmpeg reads what is written: VP9, with reordered times and keyframes', () => {
  const track = { codec: 'vp9', record: Buffer.alloc(0), video: { width: 640, height: 360 } } as const
  const frames = [
    [0, true],
    [66, false],
    [33, false],
  ] as const
  const file = Buffer.concat([
    matroskaHeader(track),
    ...frames.map(([ms, isKeyframe]) =>
      matroskaFrame(ms, isKeyframe, Buffer.from(isKeyframe ? '824983422027f0167000' : '860000', 'hex')),
    ),
  ])
  const { streams, packets } = probe(file)
  expect(streams[0]).toMatchObject({ codec_name: 'vp9', width: 640, height: 360 })
  expect(packets.map(({ pts, flags }: Record<string, string>) => `${pts} ${flags?.startsWith('K')}`)).toEqual(
    ['0 true', '66 false', '33 false'],
  )
})

test('a frame before time 0 is at 0', () => {
  expect(matroskaFrame(-21, true, Buffer.alloc(1))).toEqual(matroskaFrame(0, true, Buffer.alloc(1)))
})
