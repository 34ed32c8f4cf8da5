import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { RenditionStream } from '../../transcoder/packager/window/rendition-stream.ts'
import { startEncoder } from '../kit/packager/encoder.ts'
import { brokenRules } from '../kit/packager/hls-rules.ts'
import { createPackagerServer } from '../kit/packager/packager-server.ts'
import { makeSource } from '../kit/packager/source.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

const directory = makeTempDir()
afterAll(() => directory.remove())

/**
 * Returns the warnings and errors of ffmpeg about the listed media of one epoch; empty when there are none.
 */
function complaints(stream: RenditionStream, epoch: number): string {
  const media = stream.window.listed
    .filter((segment) => segment.epoch === epoch)
    .flatMap((segment) => segment.parts.map((part) => part.data))
  const path = join(directory.path, `${stream.plan.name}-${epoch}.mp4`)
  writeFileSync(path, Buffer.concat([stream.init(epoch) ?? Buffer.alloc(0), ...media]))
  return spawnSync('ffmpeg', ['-v', 'warning', '-i', path, '-f', 'null', '-'], { encoding: 'utf8' }).stderr
}

test('a source without audio that gets audio, and passed-through video that is encoded from then on', async () => {
  const silent = makeSource(directory.path, 'silent', { seconds: 3, audio: false })
  const whole = makeSource(directory.path, 'whole', { seconds: 7, gop: 30 })
  const { presentation } = createPackagerServer({ partMs: 333, video: ['180p', '90p'], windowSegments: 100 })
  const frameMs = 1000 / 30
  const onFailure = (_: string, error: Error) => expect(error).toBeUndefined()
  const options = { frameMs, onFailure, leader: { rendition: '180p' } }

  const first = presentation.beginEpoch({ epoch: 1, silent: ['audio'], ...options })
  first.join('audio')
  const copied = [
    { name: '180p', from: 'copy' },
    { name: '90p', from: 90 },
  ] as const
  await startEncoder({ source: silent, sink: first, renditions: copied, frameMs }).ended
  first.endAll()
  const second = presentation.beginEpoch({ epoch: 2, ...options })
  const encoded = [
    { name: '180p', from: 180 },
    { name: '90p', from: 90 },
    { name: 'audio', from: 'audio' },
  ] as const
  await startEncoder({ source: whole, sink: second, renditions: encoded, frameMs }).ended
  presentation.end()

  expect(brokenRules(presentation).filter((line) => !line.includes('too short for a segment'))).toEqual([])
  const streams = [...presentation.streams.values()]
  for (const stream of streams) {
    expect([complaints(stream, 1), complaints(stream, 2)]).toEqual(['', ''])
    expect(stream.window.listed.map(({ msn, hasDiscontinuity }) => `${msn} ${hasDiscontinuity}`)).toEqual([
      '0 false',
      '1 false',
      '2 true',
      '3 false',
    ])
  }
})
