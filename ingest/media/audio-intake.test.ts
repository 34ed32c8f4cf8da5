import { describe, expect, test } from 'vitest'
import { audioTag, payloadOf, tagOf } from '../../core/media/flv-tag.ts'
import { AudioIntake, type AudioUnit } from './audio-intake.ts'
import { opusHeader } from './missing-audio-header.ts'
import { UnsupportedMedia } from './unsupported-media.ts'

type Piece = string | number[] | Buffer
const bytes = (...pieces: Piece[]) =>
  Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece))))
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const message = (...pieces: Piece[]) => tagOf(audioTag, 0, bytes(...pieces))

const textOf = ({ packet, codec, tag, offsetMs }: AudioUnit) =>
  `${packet} ${codec} ${payloadOf(tag).toString('hex')}${offsetMs > 0 ? ` +${Math.round(offsetMs)}` : ''}`

/** Reads messages that are 21 ms apart, and returns the intake and a description of each unit. */
function read(...messages: Buffer[]) {
  const intake = new AudioIntake()
  const units = messages.flatMap((tag, index) => intake.read(tag, index * 21))
  return { intake, units: units.map(textOf) }
}

const aacHeader = message([0xaf, 0], hex('1190'))
const aacFrame = message([0xaf, 1], hex('2101'))

describe('the format of FLV:', () => {
  test('AAC passes unchanged', () => {
    const intake = new AudioIntake()
    const units = [aacHeader, aacFrame].flatMap((tag) => intake.read(tag, 0))
    expect(units.map(({ tag }) => tag)).toEqual([aacHeader, aacFrame])
    expect(units.map(({ packet }) => packet)).toEqual(['config', 'frame'])
  })

  test('a header that is sent again is left out, and one that changes is not', () => {
    const other = message([0xaf, 0], hex('1210'))
    expect(read(aacHeader, aacHeader, aacFrame, other, aacHeader).units).toEqual([
      'config aac af001190',
      'frame aac af012101',
      'config aac af001210',
      'config aac af001190',
    ])
  })

  test('MP3, also of 8 kHz, needs no header', () => {
    expect(read(message([0x2f], 'mp3'), message([0xee], 'mp3')).units).toEqual([
      'frame mp3 2f6d7033',
      'frame mp3 ee6d7033',
    ])
  })

  test.each([
    ['nothing', message()],
    ['one byte', message([0xaf])],
    ['an AAC header without bytes', message([0xaf, 0])],
    ['an AAC header of one byte', message([0xaf, 0, 0x11])],
    ['an AAC header with a reserved rate', message([0xaf, 0], hex('1680'))],
    ['a frame of AAC without bytes', message([0xaf, 1])],
    ['a frame before a header', aacFrame],
  ])('%s is left out', (_what, tag) => {
    expect(read(tag).units).toEqual([])
  })

  test('an empty header does not undo the one before', () => {
    expect(read(aacHeader, message([0xaf, 0]), aacFrame).units).toEqual([
      'config aac af001190',
      'frame aac af012101',
    ])
  })

  test.each([
    ['Speex', 0xb2],
    ['Nellymoser', 0x62],
    ['G.711', 0x72],
    ['PCM', 0x32],
    ['ADPCM', 0x12],
    ['an unknown format', 0xc2],
  ])('%s is refused by name', (name, head) => {
    const publish = () => read(message([head, 0, 0]))
    expect(publish).toThrow(UnsupportedMedia)
    expect(publish).toThrow(`Sound in ${name} is not supported. Choose AAC`)
  })
})

describe('a header that never comes', () => {
  test('is derived from the frames of a second', () => {
    const frames = Array.from({ length: 60 }, () => aacFrame)
    const { units } = read(...frames)
    expect(units[0]).toBe('config aac af001190')
    expect(units).toHaveLength(1 + 60 - 48)
  })

  test('is replaced by the one that comes late', () => {
    const frames = Array.from({ length: 60 }, () => aacFrame)
    const late = message([0xaf, 0], hex('1208'))
    expect(read(...frames, late, aacFrame).units.slice(-2)).toEqual([
      'config aac af001208',
      'frame aac af012101',
    ])
  })

  test('is in the frames of ADTS, which may be several in a message', () => {
    const adts = (body: Piece) => {
      const length = 7 + bytes(body).length
      return bytes(hex('fff14c80'), [length >> 3, ((length & 7) << 5) | 0x1f, 0xfc], body)
    }
    const tag = message([0xaf, 1], adts('one'), adts('two'), adts('three'))
    expect(read(tag, message([0xaf, 1], adts('next'))).units).toEqual([
      'config aac af001190',
      `frame aac af01${bytes('one').toString('hex')}`,
      `frame aac af01${bytes('two').toString('hex')} +21`,
      `frame aac af01${bytes('three').toString('hex')} +43`,
      `frame aac af01${bytes('next').toString('hex')}`,
    ])
  })

  test('is in a header of ADTS where the configuration belongs', () => {
    expect(read(message([0xaf, 0], hex('fff14c80001ffc')), message([0xaf, 1], 'x')).units).toEqual([
      'config aac af001190',
      'frame aac af0178',
    ])
  })
})

describe('enhanced RTMP:', () => {
  const plain = (type: number, fourCc: string, ...body: Piece[]) => message([0x90 | type], fourCc, ...body)
  const ofTrack = (type: number, fourCc: string, track: number, ...body: Piece[]) =>
    message([0x95, type], fourCc, [track], ...body)

  test('AAC and MP3 become what they are in FLV', () => {
    expect(read(plain(0, 'mp4a', hex('1190')), plain(1, 'mp4a', hex('2101'))).units).toEqual([
      'config aac af001190',
      'frame aac af012101',
    ])
    expect(read(plain(0, '.mp3'), plain(1, '.mp3', 'mp3')).units).toEqual(['frame mp3 2f6d7033'])
  })

  test('Opus keeps its form', () => {
    const head = opusHeader(2)
    expect(read(plain(0, 'Opus', head), plain(1, 'Opus', hex('fcff'))).units).toEqual([
      `config opus 904f707573${head.toString('hex')}`,
      'frame opus 914f707573fcff',
    ])
  })

  test.each([
    ['missing', []],
    ['empty', [plain(0, 'Opus')]],
    ['malformed', [plain(0, 'Opus', 'OpusTags')]],
  ])('a header of Opus that is %s is made from the first packet', (_what, headers) => {
    expect(read(...headers, plain(1, 'Opus', hex('f8ff')), plain(1, 'Opus', hex('f8ff'))).units).toEqual([
      `config opus 904f707573${opusHeader(1).toString('hex')}`,
      'frame opus 914f707573f8ff',
      'frame opus 914f707573f8ff',
    ])
  })

  test('the end of a sequence and the arrangement of channels are left out', () => {
    expect(read(plain(2, 'mp4a'), plain(4, 'mp4a', [1, 2, 0, 0, 0, 3])).units).toEqual([])
  })

  test('modifiers are skipped', () => {
    const modified = message([0x97, 2, 0, 0, 9, 0x01], 'mp4a', hex('2101'))
    expect(read(aacHeader, modified).units).toEqual(['config aac af001190', 'frame aac af012101'])
  })

  test('a second track beside plain sound is left out and named', () => {
    const { intake, units } = read(
      aacHeader,
      ofTrack(0, 'mp4a', 1, hex('1208')),
      aacFrame,
      ofTrack(1, 'mp4a', 1, 'other'),
    )
    expect(units).toEqual(['config aac af001190', 'frame aac af012101'])
    expect(intake.ignoredTracks).toEqual(['audio track 1 (mp4a)'])
  })

  test('a second track that comes first makes way for the first', () => {
    const other = [ofTrack(0, 'Opus', 1, opusHeader(2)), ofTrack(1, 'Opus', 1, hex('fcff'))]
    const { intake, units } = read(...other, aacHeader, aacFrame, ...other)
    expect(units.slice(2)).toEqual(['config aac af001190', 'frame aac af012101'])
    expect(intake.ignoredTracks).toEqual(['audio track 1 (Opus)'])
  })

  test('of many tracks in one message the first is shown', () => {
    const tag = message([0x95, 0x10], 'mp4a', [0, 0, 0, 2], hex('1190'), [1, 0, 0, 2], hex('1208'))
    expect(read(tag).units).toEqual(['config aac af001190'])
  })

  test('a codec that changes needs its own header', () => {
    const opus = [plain(0, 'Opus', opusHeader(2)), plain(1, 'Opus', hex('fcff'))]
    const { units } = read(aacHeader, aacFrame, ...opus, aacFrame, aacHeader, aacFrame)
    expect(units.map((unit) => unit.slice(0, 11))).toEqual([
      ...['config aac ', 'frame aac a', 'config opus', 'frame opus ', 'config aac ', 'frame aac a'],
    ])
  })

  test('an unknown codec is refused by its FourCC', () => {
    expect(() => read(plain(1, 'fL\u0000C', 'x'))).toThrow('Sound in "fL?C" is not supported')
  })

  test.each([
    ['nothing after the head', message([0x91])],
    ['half a FourCC', message([0x91], 'mp')],
    ['an unknown packet type', message([0x9e], 'mp4a', 'x')],
    ['a track longer than its message', message([0x95, 0x11], 'mp4a', [0, 0, 0, 9], 'x')],
    ['a modifier without an end', message([0x97, 200, 1])],
  ])('%s is left out', (_what, tag) => {
    expect(read(aacHeader, tag, aacFrame).units).toHaveLength(2)
  })
})
