import { describe, expect, test } from 'vitest'
import { audioTag, scriptTag, videoTag } from '../../core/media/flv-tag.ts'
import { avcRecord, avcSample, avcSps } from '../kit/ingest/avc-bytes.ts'
import {
  encodeMessages,
  isAudio,
  isHeader,
  isKeyframe,
  isVideo,
  type MediaMessage,
  parameterSetsIn,
  unitsOf,
  withPayloads,
} from '../kit/sources/media-messages.ts'
import { type ShowOptions, useStage } from '../kit/sources/stage.ts'

const stage = useStage()

type Change = (message: MediaMessage) => Buffer[]
const bytes = (...pieces: (Buffer | string | number[])[]) =>
  Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece))))
const isPicture = (message: MediaMessage) => isVideo(message) && !isHeader(message)
const sets = () => parameterSetsIn(encodeMessages())
const withUnits = ({ payload }: MediaMessage, ...units: Buffer[]) =>
  bytes(payload.subarray(0, 5), avcSample(...units))
const annexB = (units: readonly Buffer[]) => bytes(...units.flatMap((unit) => [[0, 0, 0, 1], unit]))
/** Returns a frame of AAC after an ADTS header for 48 kHz stereo. */
const adts = (frame: Buffer) => {
  const length = frame.length + 7
  return bytes(
    [0xff, 0xf1, 0x4c, 0x80 | (length >> 11), length >> 3, ((length & 7) << 5) | 0x1f, 0xfc],
    frame,
  )
}

/**
 * Converts H.264 to enhanced RTMP. `head` returns the bytes before the FourCC; its `frameType` is already in
 * bits 4 to 6. `more` are the bytes after the FourCC.
 */
const enhanced =
  (head: (frameType: number, packetType: number) => number[], more: number[] = []): Change =>
  (message) => {
    const { payload } = message
    const [first = 0, packetType = 0] = payload
    if (!isVideo(message)) return [payload]
    if (packetType > 1) return []
    const body = payload.subarray(packetType === 0 ? 5 : 2)
    return [bytes(head(first & 0x70, packetType), 'avc1', more, body)]
  }

const pictureForms: [string, Change][] = [
  [
    'an empty header, and parameter sets before each keyframe',
    (message) => {
      if (!isVideo(message)) return [message.payload]
      if (isHeader(message)) return [message.payload.subarray(0, 5)]
      return [isKeyframe(message) ? withUnits(message, ...sets(), ...unitsOf(message)) : message.payload]
    },
  ],
  [
    'no header, and parameter sets in messages of their own',
    (message) => {
      if (!isVideo(message)) return [message.payload]
      if (isHeader(message)) return []
      return isKeyframe(message)
        ? [...sets().map((set) => withUnits(message, set)), message.payload]
        : [message.payload]
    },
  ],
  [
    'start codes instead of lengths',
    (message) =>
      isPicture(message)
        ? [bytes(message.payload.subarray(0, 5), annexB(unitsOf(message)))]
        : [message.payload],
  ],
  [
    'a header before each keyframe',
    (message) =>
      isKeyframe(message)
        ? [
            ...encodeMessages()
              .filter((each) => isVideo(each) && isHeader(each))
              .map(({ payload }) => payload),
            message.payload,
          ]
        : [message.payload],
  ],
  [
    'keyframes that are not marked',
    (message) => (isPicture(message) ? [bytes([0x27], message.payload.subarray(1))] : [message.payload]),
  ],
  [
    'frames that are all marked as keyframes',
    (message) => (isPicture(message) ? [bytes([0x17], message.payload.subarray(1))] : [message.payload]),
  ],
  [
    'delimiters in messages of their own',
    (message) =>
      isPicture(message) ? [withUnits(message, bytes([9, 0xf0])), message.payload] : [message.payload],
  ],
  ['avc1 of enhanced RTMP', enhanced((frame, packet) => [0x80 | frame | packet])],
  ['avc1 with nanoseconds', enhanced((frame, packet) => [0x87 | frame, 2, 0, 1, 2, packet])],
  ['avc1 as the only one of many tracks', enhanced((frame, packet) => [0x86 | frame, packet], [0])],
]

const soundForms: [string, Change][] = [
  [
    'an empty header and frames of ADTS, as relays send',
    ({ payload }) => [
      payload[1] === 0 ? payload.subarray(0, 2) : bytes(payload.subarray(0, 2), adts(payload.subarray(2))),
    ],
  ],
  ['no header', (message) => (isHeader(message) ? [] : [message.payload])],
  [
    'a header of ADTS',
    (message) =>
      isHeader(message) ? [bytes(message.payload.subarray(0, 2), adts(Buffer.alloc(0)))] : [message.payload],
  ],
  [
    'mp4a of enhanced RTMP',
    ({ payload }) => [bytes([0x90 | (payload[1] ?? 0)], 'mp4a', payload.subarray(2))],
  ],
  [
    'a second track beside the first',
    ({ payload }) => [payload, bytes([0x95, payload[1] ?? 0], 'mp4a', [1], payload.subarray(2))],
  ],
]

async function expectShown(messages: readonly MediaMessage[], options: ShowOptions = {}) {
  const shown = await stage().show(messages, options)
  expect(shown.top).toMatchObject({ size: '320x180', errors: '' })
  expect(shown.top?.frames).toBeGreaterThan(50)
  expect(shown.loudness).toBeGreaterThan(-50)
  expect(shown.source?.video?.fps).toBeCloseTo(30, 0)
  return shown
}

const changed = (isMeant: (message: MediaMessage) => boolean, change: Change) =>
  withPayloads(encodeMessages(), (message) => (isMeant(message) ? change(message) : [message.payload]))

// These tests run at the same time, because each takes seconds of real time.
describe.concurrent('a publisher is shown that sends', () => {
  test.each(pictureForms)('pictures with %s', async (_what, change) => {
    await expectShown(changed(isVideo, change))
  })

  test.each(soundForms)('sound with %s', async (what, change) => {
    const { source } = await expectShown(changed(isAudio, change))
    expect(source?.audio).toMatchObject({ codec: 'aac', sampleRate: 48_000, channels: 2 })
    expect(source?.ignoredTracks).toEqual(what.startsWith('a second') ? ['audio track 1 (mp4a)'] : [])
  })

  test('its media in the same write as the publish', async () => {
    await expectShown(encodeMessages(), { isHasty: true })
  })

  test('no metadata, and sound before the picture', async () => {
    const late = encodeMessages()
      .filter(({ type }) => type !== scriptTag)
      .map((message) =>
        isVideo(message) ? { ...message, at: message.at + 150, timestamp: message.at + 150 } : message,
      )
    await expectShown(late.toSorted((one, other) => one.at - other.at))
  })

  test.each([
    ['with parameters', (key: string) => ({ key: `${key}?user=alice&pass=secret` })],
    ['in the server field', (key: string) => ({ app: `live/${key}`, key: '' })],
    ['as the whole URL', (key: string) => ({ key: ` rtmp://media.example/live/${key}\n` })],
  ])('its key %s', async (_what, fieldsOf) => {
    await expectShown(encodeMessages(), { fieldsOf })
  })
})

describe.concurrent('a publisher receives why it is refused when it sends', () => {
  test.each<[string, number, string, string]>([
    ['HEVC of FLV', videoTag, '1c00000000', 'HEVC outside of enhanced RTMP is not supported. Choose H.264'],
    ['VP6', videoTag, '1400000000', 'VP6 is not supported. Choose H.264'],
    ['Speex', audioTag, 'b2aabbcc', 'Speex is not supported. Choose AAC'],
    ['PCM', audioTag, '3eaabbcc', 'PCM is not supported. Choose AAC'],
    ['AC-3', audioTag, '9061632d33aa', '"ac-3" is not supported. Choose AAC'],
    [
      'a huge picture',
      videoTag,
      `1700000000${avcRecord(avcSps(16_000, 16_000)).toString('hex')}`,
      'is too large. At most',
    ],
  ])('%s', async (_what, type, payload, words) => {
    const message = { type, at: 0, timestamp: 0, payload: Buffer.from(payload, 'hex') }
    const { reason, detail, heard } = await stage().refused([message])
    expect(reason).toBe('unsupported_media')
    expect(detail).toContain(words)
    expect(heard).toContain(detail)
  })
})
