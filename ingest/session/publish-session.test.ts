import { expect, test } from 'vitest'
import { audioTagOf } from '../../core/media/flv-audio.ts'
import { audioTag, scriptTag, tagOf, videoTag } from '../../core/media/flv-tag.ts'
import { videoTagOf } from '../../core/media/flv-video.ts'
import { avcRecord, avcSample, avcSps } from '../../test/kit/ingest/avc-bytes.ts'
import { openSession, subscribeTo } from '../../test/kit/ingest/open-session.ts'

test('a source with both tracks is announced with its first keyframe, and sent to subscribers', () => {
  const { session, sources, header, soundHeader, keyframe, frame, sound } = openSession()
  const early = subscribeTo(session)
  header()
  soundHeader()
  expect(session.source).toBeNull()
  keyframe(0)
  sound(10)
  frame(33)
  expect(sources).toEqual([])
  frame(67)
  expect(sources).toMatchObject([{ video: { width: 640, fps: 30 }, audio: { sampleRate: 48_000 } }])
  const late = subscribeTo(session)
  frame(100)
  session.end('publisher_left')
  const whole = [
    ...['FLV', 'metadata', 'video config 0 +0', 'audio config 1190', 'video keyframe 0 +0', 'audio frame 10'],
    ...['video frame 33 +0', 'video frame 67 +0', 'video frame 100 +0', 'end'],
  ]
  expect(early).toEqual(whole)
  expect(late).toEqual(whole)
})

test('what a publisher has buffered and sends at once at its start is taken for late, not for fast', () => {
  const { session, sources, header, soundHeader, keyframe, frame, sound } = openSession()
  header()
  soundHeader()
  for (let at = 0; at < 8000; at += 20) {
    const now = Math.max(at / 100, at - 2000)
    at % 1000 === 0 ? keyframe(at, now) : frame(at, now)
    sound(at, now)
  }
  expect(sources).toHaveLength(1)
  expect(session.newestMs).toBe(7980)
  expect(session.source).toMatchObject({ video: { fps: 50 }, clockCorrections: {} })
})

test('sound that begins 20 s late, and a picture that does, are announced when they come', () => {
  const late = openSession()
  late.header()
  for (let n = 0; n < 60; n++) n % 30 === 0 ? late.keyframe(n * 33) : late.frame(n * 33)
  expect(late.sources).toMatchObject([{ audio: null }])
  late.soundHeader('1190', 2000)
  expect(late.sources[1]).toMatchObject({ video: { width: 640 }, audio: { codec: 'aac' } })

  const sound = openSession()
  sound.soundHeader()
  for (let at = 0; at < 3000; at += 21) sound.sound(at)
  expect(sound.sources).toMatchObject([{ video: null, audio: { codec: 'aac' } }])
  sound.header(3000)
  expect(sound.sources.at(-1)).toMatchObject({ video: null })
  sound.keyframe(3000)
  expect(sound.sources.at(-1)).toMatchObject({ video: { width: 640 }, audio: { codec: 'aac' } })
})

test('a picture whose timestamps stand still is announced too', () => {
  const { sources, header, frame, keyframe } = openSession()
  header()
  keyframe(1000, 0)
  for (let n = 1; n < 100; n++) frame(1000, n * 33)
  expect(sources).toHaveLength(1)
})

test('media that can never be decoded ends the session with words', () => {
  const { ends, sources, frame } = openSession()
  for (let n = 0; n < 700; n++) frame(n * 33)
  expect(sources).toEqual([])
  expect(ends).toEqual(['unsupported_media', expect.stringContaining('codec headers did not come')])
})

test('pictures without a header do not keep sound from being announced', () => {
  const { session, sources, frame, sound, soundHeader } = openSession()
  soundHeader()
  for (let n = 0; n < 150; n++) {
    frame(n * 33)
    sound(n * 33)
  }
  expect(sources).toMatchObject([{ video: null, audio: { codec: 'aac' } }])
  expect(session.source?.ignoredTracks).toEqual(['video without a codec header'])
})

test('packets of one time are sent one after another', () => {
  const { session, header, soundHeader, keyframe, frame, sound } = openSession()
  header()
  soundHeader()
  keyframe(0)
  const lines = subscribeTo(session)
  for (let n = 0; n < 3; n++) frame(500, 500)
  for (let n = 0; n < 3; n++) sound(500, 500)
  frame(533)
  expect(lines.slice(5)).toEqual([
    ...['video frame 500 +0', 'video frame 501 +0', 'video frame 502 +0'],
    ...['audio frame 500', 'audio frame 501', 'audio frame 502', 'video frame 533 +0'],
  ])
})

test('several frames of sound in one message have times of their own', () => {
  const { session, send, sound } = openSession()
  const adts = Buffer.from('fff14c80011ffc21', 'hex')
  const frame = audioTagOf('aac', 'frame', Buffer.concat([adts, adts, adts]))
  for (let n = 0; n < 30; n++) send(audioTag, frame, n * 64)
  const lines = subscribeTo(session)
  expect(
    lines
      .filter((line) => line.startsWith('audio frame'))
      .slice(0, 4)
      .map((line) => Number(line.slice(12))),
  ).toEqual([1024, 1045, 1067, 1088].map((time) => expect.closeTo(time, -2)))
  sound(2000)
})

test('negative composition times are put right, and counted', () => {
  const { session, header, soundHeader, keyframe, frame } = openSession()
  header()
  soundHeader()
  keyframe(0)
  const lines = subscribeTo(session)
  for (let n = 1; n < 10; n++) frame(n * 40, n * 40, n % 2 === 0 ? 40 : -40)
  expect(session.source?.clockCorrections).toEqual({ composition: 1 })
  expect(lines.slice(-2)).toEqual(['video frame 280 +80', 'video frame 320 +0'])
})

test('a header of sound that changes reaches subscribers between the frames that it belongs to', () => {
  const { session, header, soundHeader, keyframe, sound } = openSession()
  header()
  soundHeader()
  keyframe(0)
  sound(60)
  soundHeader('1210', 80)
  sound(81)
  expect(subscribeTo(session).slice(2)).toEqual([
    ...['video config 0 +0', 'audio config 1190', 'video keyframe 0 +0', 'audio frame 60'],
    ...['audio config 1210', 'audio frame 81'],
  ])
  keyframe(100)
  expect(subscribeTo(session).slice(2)).toEqual([
    'video config 0 +0',
    'audio config 1210',
    'video keyframe 100 +0',
  ])
})

test('a header of video that changes reaches subscribers, and newcomers wait for its keyframe', () => {
  const { session, sources, header, soundHeader, keyframe, frame } = openSession()
  header()
  soundHeader()
  keyframe(0)
  frame(67)
  const before = subscribeTo(session)
  header(100, avcRecord(avcSps(1280, 720, 30)))
  frame(100)
  const newcomer = subscribeTo(session)
  expect(newcomer).toEqual([])
  keyframe(133)
  expect(before.slice(6)).toEqual(['video config 67 +0', 'video keyframe 133 +0'])
  expect(newcomer.slice(2)).toEqual(['video config 67 +0', 'audio config 1190', 'video keyframe 133 +0'])
  expect(sources.at(-1)).toMatchObject({ video: { width: 1280, height: 720 } })
})

test('a source that keeps changing its headers is ended', () => {
  const { ends, header, keyframe, sources } = openSession()
  for (let n = 0; n < 1000; n++) {
    header(n, avcRecord(avcSps(n % 2 ? 640 : 320, 352, 30)))
    keyframe(n)
  }
  expect(ends).toEqual(['limit_exceeded', expect.stringContaining('changed more than 120 times')])
  expect(sources.length).toBeLessThanOrEqual(121)
})

test('a source above the bitrate ceiling is warned, then ended', () => {
  const { session, ends, header, soundHeader, keyframe, send } = openSession({ maxBitrate: 1e6 })
  header()
  soundHeader()
  keyframe(0)
  const large = videoTagOf({
    codec: 'h264',
    packet: 'frame',
    compositionTime: 0,
    body: avcSample(Buffer.alloc(8000, 1)),
  })
  let wasWarned = false
  for (let n = 1; n < 600; n++) {
    wasWarned ||= ends.length === 0 && (session.source?.isNearBitrateLimit ?? false)
    send(videoTag, large, n * 33)
  }
  expect(wasWarned).toBe(true)
  expect(ends).toEqual(['limit_exceeded', expect.stringContaining('may be 1 Mbit/s')])
})

test('an ended session takes no more media, and reports its end to a late listener', () => {
  const { session, sources, ends, header, keyframe, soundHeader } = openSession()
  session.end('stopped', 'by the operator')
  session.end('publisher_left')
  header()
  soundHeader()
  keyframe(0)
  expect([sources, ends]).toEqual([[], ['stopped', 'by the operator']])
  expect(subscribeTo(session)).toEqual(['end'])
  const late: unknown[] = []
  session.onEnd((reason, detail) => late.push(reason, detail))
  expect(late).toEqual(['stopped', 'by the operator'])
})

test('metadata that is sent at any time, or malformed, changes no media', () => {
  const { session, send, header, soundHeader, keyframe } = openSession()
  for (const hex of ['', '02', '020008', 'ffffffff'])
    send(scriptTag, tagOf(scriptTag, 0, Buffer.from(hex, 'hex')), 0)
  header()
  soundHeader()
  keyframe(0)
  keyframe(67)
  expect(session.source).not.toBeNull()
})
