import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Presentation } from '../../transcoder/packager/packager.ts'
import { decodedFrames } from '../kit/decoded-frames.ts'
import { type EncodedRendition, startEncoder } from '../kit/packager/encoder.ts'
import { brokenRules } from '../kit/packager/hls-rules.ts'
import { sampleTimes } from '../kit/packager/mp4-file.ts'
import { createPackagerServer } from '../kit/packager/packager-server.ts'
import { makeSource, type SourceOptions } from '../kit/packager/source.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

const directory = makeTempDir()
afterAll(() => directory.remove())

interface Case extends SourceOptions {
  name: string
  partMs: number | null
  /** Duration of a video frame, ms. */
  frameMs: number
  partTargetMs: number | null
  /** Expected number of segments. */
  segments: number
  /** Whether frames are missing, so that a part may be shorter than 85 % of the part target. */
  isUneven?: boolean
}

const cases: Case[] = [
  { name: '30 fps', seconds: 5, partMs: 333, frameMs: 1000 / 30, partTargetMs: 334, segments: 3 },
  { name: 'ultra', seconds: 5, partMs: 100, frameMs: 1000 / 30, partTargetMs: 100, segments: 3 },
  { name: 'no parts', seconds: 5, partMs: null, frameMs: 1000 / 30, partTargetMs: null, segments: 3 },
  {
    name: 'B-frames',
    seconds: 5,
    bFrames: 2,
    partMs: 333,
    frameMs: 1000 / 30,
    partTargetMs: 334,
    segments: 3,
  },
  { name: '25 fps', seconds: 5, fps: 25, gop: 50, partMs: 100, frameMs: 40, partTargetMs: 120, segments: 3 },
  {
    name: '24 fps',
    seconds: 5,
    fps: 24,
    gop: 48,
    partMs: 100,
    frameMs: 1000 / 24,
    partTargetMs: 93,
    segments: 3,
  },
  {
    name: '60 fps',
    seconds: 5,
    fps: 60,
    gop: 120,
    partMs: 100,
    frameMs: 1000 / 60,
    partTargetMs: 100,
    segments: 3,
  },
  {
    name: '29.97 fps, GOP 1 s, 44.1 kHz',
    seconds: 5,
    fps: '30000/1001',
    gop: 30,
    sampleRate: 44_100,
    partMs: 333,
    frameMs: 1001 / 30,
    partTargetMs: 334,
    segments: 3,
  },
  { name: 'GOP 1.5 s', seconds: 5, gop: 45, partMs: 333, frameMs: 1000 / 30, partTargetMs: 334, segments: 4 },
  {
    name: 'every fifth frame missing',
    seconds: 5,
    filter: 'select=mod(n\\,5)',
    keyframes: 'expr:gte(t,n_forced*2)',
    partMs: 333,
    frameMs: 1000 / 24,
    partTargetMs: 334,
    segments: 3,
    isUneven: true,
  },
  { name: 'GOP 0.5 s', seconds: 5, gop: 15, partMs: 333, frameMs: 1000 / 30, partTargetMs: 334, segments: 3 },
]

const renditions: EncodedRendition[] = [
  { name: '180p', from: 'copy' },
  { name: '90p', from: 90 },
  { name: 'audio', from: 'audio' },
]

async function pack({ name, partMs, frameMs, ...source }: Case) {
  const path = makeSource(directory.path, name.replaceAll(/\W/g, '-'), source)
  const { presentation } = createPackagerServer({ partMs, video: ['180p', '90p'], windowSegments: 100 })
  const failures: string[] = []
  const sink = presentation.beginEpoch({
    epoch: 1,
    leader: { rendition: '180p' },
    frameMs,
    onFailure: (_, error) => failures.push(error.message),
  })
  await startEncoder({ source: path, renditions, sink, frameMs }).ended
  presentation.end()
  return { path, presentation, failures }
}

/** Returns the listed parts of a rendition, each with the init segment before it. */
function partsOf(presentation: Presentation, name: string): Buffer[] {
  const stream = presentation.streams.get(name)
  const init = stream?.init(1)
  if (!stream || !init) throw new Error(`no ${name}`)
  return stream.window.listed.flatMap(({ parts }) => parts.map(({ data }) => Buffer.concat([init, data])))
}

/** Returns the init segment of a rendition and all listed segments. */
const wholeOf = (presentation: Presentation, name: string) =>
  Buffer.concat([
    presentation.streams.get(name)?.init(1) ?? Buffer.alloc(0),
    ...(presentation.streams.get(name)?.window.listed ?? []).flatMap(({ parts }) =>
      parts.map((part) => part.data),
    ),
  ])

/** Returns the presentation times of all frames of a rendition, whole ms, sorted. */
const framesOf = (presentation: Presentation, name: string) =>
  partsOf(presentation, name)
    .flatMap(sampleTimes)
    .map((s) => Math.round(s * 1000))
    .toSorted((a, b) => a - b)

/** Returns the presentation times of all video frames of a source, whole ms, sorted. */
const sourceTimes = (path: string) =>
  execFileSync(
    'ffprobe',
    ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path],
    { encoding: 'utf8' },
  )
    .trim()
    .split('\n')
    .map((line) => Math.round(Number.parseFloat(line) * 1000))
    .toSorted((a, b) => a - b)

/** Returns the number of frames that ffmpeg decodes, and its warnings about the file. */
function decode(file: Buffer) {
  const path = join(directory.path, 'whole.mp4')
  writeFileSync(path, file)
  const { stdout, stderr } = spawnSync(
    'ffmpeg',
    ['-v', 'warning', '-progress', 'pipe:1', '-i', path, '-f', 'null', '-'],
    { encoding: 'utf8' },
  )
  return {
    frames: decodedFrames(stdout),
    complaints: stderr,
  }
}

test.each(cases)('$name: every rule is followed, and every frame is present at its time', async (each) => {
  const { path, presentation, failures } = await pack(each)
  expect(failures).toEqual([])
  const broken = brokenRules(presentation).filter((line) => !each.isUneven || !line.includes('85 %'))
  expect(broken).toEqual([])
  expect(presentation.partTargetMs).toBe(each.partTargetMs)
  expect(presentation.streams.get('180p')?.window.listed).toHaveLength(each.segments)

  const times = sourceTimes(path)
  for (const name of ['180p', '90p']) {
    const file = wholeOf(presentation, name)
    expect(decode(file)).toEqual({ frames: times.length, complaints: '' })
    // Times in RTMP are whole ms, and the first frame of a part may be moved within their rounding error.
    const packed = framesOf(presentation, name)
    const moved = times.flatMap((time, index) => (Math.abs((packed[index] ?? 0) - time) > 1 ? [time] : []))
    expect(moved).toEqual([])
    expect(packed).toHaveLength(times.length)
  }
  const audio = wholeOf(presentation, 'audio')
  expect(decode(audio).complaints).toBe('')
  const delayMs = (framesOf(presentation, 'audio')[0] ?? 0) - (times[0] ?? 0)
  expect(delayMs).toBeGreaterThanOrEqual(-1)
  expect(delayMs).toBeLessThan(30)
})
