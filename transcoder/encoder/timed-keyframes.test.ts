import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createTimedKeyframes, keyframeToleranceMs, untilGrid } from './timed-keyframes.ts'

test.each([
  [0, 0, 0],
  [0, 500, 1500],
  [0, 2000, 0],
  [100, 2000, 100],
  [100, 4101, 1999],
])(
  'from a frame, with the grid from %s ms: %s ms is %s ms before the next place',
  (originMs, frameMs, expected) => {
    expect(untilGrid({ originMs, everyMs: 2000 }, frameMs)).toBe(expected)
  },
)

test.each([30, 25, 23.976, 29.97, 59.94, 60, 7.5])('ffmpeg chooses the same frames at %s fps', (fps) => {
  const times = Array.from({ length: Math.ceil(fps * 13) }, (_, index) =>
    Math.round(700 + (index * 1000) / fps),
  )
  const isKeyframe = createTimedKeyframes({ originMs: 700, everyMs: 2000 }, fps)
  const offset = (-keyframeToleranceMs(fps) / 1000).toFixed(4)
  const lines = execFileSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', `color=size=64x64:rate=${fps}:duration=13`],
      ...['-vf', `settb=1/1000,setpts=round(700+N*1000/${fps})`, '-enc_time_base', '1:1000'],
      ...[
        '-fps_mode',
        'passthrough',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-g',
        '600',
        '-sc_threshold',
        '0',
      ],
      ...[
        '-copyts',
        '-force_key_frames',
        `expr:gte(t,n_forced*2${offset})`,
        '-bf',
        '0',
        '-f',
        'flv',
        'pipe:1',
      ],
    ],
    { maxBuffer: 64e6 },
  )
  const probed = execFileSync(
    'ffprobe',
    ['-v', 'error', '-f', 'flv', '-show_entries', 'packet=pts,flags', '-of', 'csv=p=0', 'pipe:0'],
    { input: lines, encoding: 'utf8' },
  )
  const keyframes = [...probed.matchAll(/^(\d+),K/gm)].map(([, pts]) => Number(pts))
  expect(times.filter(isKeyframe)).toEqual(keyframes)
})
