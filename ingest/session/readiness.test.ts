import { expect, test } from 'vitest'
import { scriptTag, tagOf } from '../../core/media/flv-tag.ts'
import { amf } from '../rtmp/node-media-server.ts'
import { Readiness } from './readiness.ts'

const begin = 1_000_000

interface Known {
  video?: { span: number; canStart?: boolean; isKnown?: boolean }
  audio?: { span?: number }
  /** Time since the first packet arrived, ms. */
  elapsedMs?: number
  isSettled?: boolean
  stated?: Record<string, unknown>
}

function check({ video, audio, elapsedMs = 0, isSettled = true, stated }: Known) {
  const readiness = new Readiness()
  if (stated)
    readiness.readMetadata(tagOf(scriptTag, 0, amf.encodeAmf0Data({ cmd: 'onMetaData', dataObj: stated })))
  const known = [
    { isKnown: video?.isKnown ?? video !== undefined, canStart: video?.canStart ?? true, span: video?.span },
    { isKnown: audio !== undefined, span: audio?.span },
  ] as const
  readiness.check({ isKnown: false, canStart: false, span: undefined }, known[1], true, begin)
  return readiness.check(...known, isSettled, begin + elapsedMs)
}

const both = { videocodecid: 7, audiocodecid: 10 }

test.each<[string, Known, string]>([
  ['both tracks', { video: { span: 0 }, audio: {} }, 'ready'],
  ['both tracks, in a burst', { video: { span: 0 }, audio: {}, isSettled: false }, 'settling'],
  [
    'both tracks, in a long burst',
    { video: { span: 0 }, audio: {}, isSettled: false, elapsedMs: 2001 },
    'ready',
  ],
  ['nothing', {}, 'waiting'],
  ['pictures for 0.3 s', { video: { span: 300 } }, 'waiting'],
  ['pictures for 0.4 s', { video: { span: 400 } }, 'ready'],
  ['pictures without a keyframe', { video: { span: 900, canStart: false } }, 'waiting'],
  ['pictures whose time stands still', { video: { span: 3 }, elapsedMs: 2000 }, 'ready'],
  ['pictures, sound is stated', { video: { span: 1900 }, stated: both }, 'waiting'],
  ['pictures for 2 s, sound is stated', { video: { span: 2000 }, stated: both }, 'ready'],
  ['pictures, no sound is stated', { video: { span: 0 }, stated: { videocodecid: 7 } }, 'ready'],
  ['a header of sound', { audio: {} }, 'waiting'],
  ['sound for 0.4 s', { audio: { span: 400 } }, 'ready'],
  ['sound, pictures are stated', { audio: { span: 1900 }, stated: both }, 'waiting'],
  ['sound, no pictures are stated', { audio: { span: 0 }, stated: { audiocodecid: 10 } }, 'ready'],
  [
    'sound, and pictures without a frame rate',
    { audio: { span: 900 }, video: { span: 900, isKnown: false }, elapsedMs: 900 },
    'waiting',
  ],
  [
    'sound, and pictures without a frame rate for 5 s',
    { audio: { span: 5000 }, video: { span: 5000, isKnown: false }, elapsedMs: 5000 },
    'ready',
  ],
  ['nothing for 20 s', { elapsedMs: 20_000 }, 'waiting'],
  ['nothing for more than 20 s', { elapsedMs: 20_001 }, 'hopeless'],
  ['frames without a header', { video: { span: 20_001, isKnown: false }, elapsedMs: 20_001 }, 'hopeless'],
])('%s', (_what, known, state) => {
  expect(check(known)).toBe(state)
})

test('the first metadata counts, and other data is ignored', () => {
  const readiness = new Readiness()
  const data = (dataObj: Record<string, unknown>, cmd = 'onMetaData') =>
    readiness.readMetadata(tagOf(scriptTag, 0, amf.encodeAmf0Data({ cmd, dataObj })))
  const video = { isKnown: true, canStart: true, span: 500 }
  readiness.readMetadata(tagOf(scriptTag, 0, Buffer.from([9, 9, 9])))
  data(both, 'onTextData')
  expect(readiness.check(video, { isKnown: false, span: undefined }, true, begin)).toBe('ready')
  data(both)
  data({ videocodecid: 7 })
  expect(readiness.check(video, { isKnown: false, span: undefined }, true, begin)).toBe('waiting')
})
