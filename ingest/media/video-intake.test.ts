import { describe, expect, test } from 'vitest'
import { payloadOf, tagOf, videoTag } from '../../core/media/flv-tag.ts'
import { UnsupportedMedia } from './unsupported-media.ts'
import { VideoIntake } from './video-intake.ts'
import type { VideoUnit } from './video-unit.ts'

type Piece = string | number[] | Buffer
const bytes = (...pieces: Piece[]) =>
  Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece))))
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const message = (...pieces: Piece[]) => tagOf(videoTag, 0, bytes(...pieces))

const textOf = ({ packet, codec, tag }: VideoUnit) => `${packet} ${codec} ${payloadOf(tag).toString('hex')}`

function read(...messages: Buffer[]) {
  const intake = new VideoIntake()
  return { intake, units: messages.flatMap((tag) => intake.read(tag)).map(textOf) }
}

const sps = hex('6742c01fda014016ec0440000003004000000f03c60ca8')
const otherSps = hex('6742c01eda0280bfe5c044000003000400000300f03c58ba80')
const pps = hex('68ce0fc8')
const slice = hex('65aabbcc')
const record = hex(`0142c01fffe10017${sps.toString('hex')}010004${pps.toString('hex')}`)
const otherRecord = hex(`0142c01effe10019${otherSps.toString('hex')}010004${pps.toString('hex')}`)
const units = (...nals: Buffer[]) => bytes(...nals.flatMap((nal) => [[0, 0, 0, nal.length], nal]))
const annexB = (...nals: Buffer[]) => bytes(...nals.flatMap((nal) => [[0, 0, 0, 1], nal]))

const avc = (head: string, ...body: Piece[]) => message(hex(head), ...body)
const header = avc('1700000000', record)
const keyframe = avc('1701000000', units(slice))
const frame = avc('2701000000', units(hex('41aa')))
const configOf = (each: Buffer) => `config h264 1700000000${each.toString('hex')}`

describe('H.264 in the format of FLV:', () => {
  test('header and frames pass unchanged', () => {
    const intake = new VideoIntake()
    const read = [header, keyframe, frame].flatMap((tag) => intake.read(tag))
    expect(read.map(({ tag }) => tag)).toEqual([header, keyframe, frame])
    expect(read.map(({ packet }) => packet)).toEqual(['config', 'keyframe', 'frame'])
  })

  test.each([
    ['nothing', message()],
    ['a head alone', avc('1701')],
    ['a command frame', avc('5700000000', [1])],
    ['the end of the sequence', avc('1702000000')],
    ['a frame without bytes', avc('1701000000')],
    ['an empty header', avc('1700000000')],
    ['a header without parameter sets', avc('1700000000', hex('0142c01fffe000'))],
  ])('%s is left out', (_what, tag) => {
    expect(read(header, tag).units).toEqual([configOf(record)])
  })

  test('frames before a header are left out, and that is reported', () => {
    const many = Array.from({ length: 101 }, () => keyframe)
    expect(read(keyframe, frame).intake.ignoredTracks).toEqual([])
    expect(read(...many).intake.ignoredTracks).toEqual(['video without a codec header'])
    const late = read(...many, header, frame)
    expect(late.units).toHaveLength(2)
    expect(late.intake.ignoredTracks).toEqual([])
  })

  test('a header is made of parameter sets in a keyframe', () => {
    const whole = avc('1701000000', units(hex('0910'), sps, pps, slice))
    expect(read(avc('1700000000'), frame, whole, frame).units).toEqual([
      configOf(record),
      `keyframe h264 1701000000${units(hex('0910'), sps, pps, slice).toString('hex')}`,
      'frame h264 2701000000000000024' + '1aa',
    ])
  })

  test('parameter sets that change inside the stream make another header, once', () => {
    const turned = avc('1701000000', units(otherSps, pps, slice))
    const same = avc('1701000000', units(sps, pps, slice))
    const configs = read(header, same, turned, turned, header, turned, same).units.filter((unit) =>
      unit.startsWith('config'),
    )
    expect(configs).toEqual([record, otherRecord, record].map(configOf))
  })

  test.each([
    ['alone', units(sps, slice)],
    ['that cannot be read', units(hex('67420000'), pps, slice)],
  ])('a sequence parameter set %s makes no header', (_what, body) => {
    expect(read(avc('1701000000', body)).units).toEqual([])
  })

  test('start codes become lengths, in frames and in the header', () => {
    const started = avc('1700000000', annexB(sps, pps))
    expect(
      read(started, avc('1701000000', annexB(slice)), avc('2701000021', annexB(hex('41aa')))).units,
    ).toEqual([
      configOf(record),
      `keyframe h264 1701000000${units(slice).toString('hex')}`,
      `frame h264 2701000021${units(hex('41aa')).toString('hex')}`,
    ])
  })

  test.each([
    ['Sorenson H.263', '2200000000'],
    ['VP6', '1400000000'],
    ['screen video', '1300000000'],
    ['HEVC outside of enhanced RTMP', '1c00000000'],
    ['an unknown format', '1f00000000'],
  ])('%s is refused by name', (name, head) => {
    expect(() => read(avc(head))).toThrow(UnsupportedMedia)
    expect(() => read(avc(head))).toThrow(`Video in ${name} is not supported. Choose H.264`)
  })
})

describe('enhanced RTMP:', () => {
  const plain = (head: number, fourCc: string, ...body: Piece[]) => message([head], fourCc, ...body)
  const ofTrack = (track: number, head: number, fourCc: string, ...body: Piece[]) =>
    message([(head & 0xf0) | 6, head & 0x0f], fourCc, [track], ...body)

  test('H.264 becomes what it is in FLV, with its composition times', () => {
    const sent = [
      plain(0x90, 'avc1', record),
      plain(0x91, 'avc1', [0, 0, 66], units(slice)),
      plain(0xa3, 'avc1', units(hex('41aa'))),
      plain(0xa1, 'avc1', [0xff, 0xff, 0xff], units(hex('41aa'))),
      plain(0x92, 'avc1'),
    ]
    expect(read(...sent).units).toEqual([
      configOf(record),
      'keyframe h264 17010000420000000465aabbcc',
      'frame h264 27010000000000000241aa',
      'frame h264 2701ffffff0000000241aa',
    ])
  })

  test.each([
    ['hvc1', 'hevc', '9168766331000000'],
    ['av01', 'av1', '9361763031'],
    ['vp09', 'vp9', '9376703039'],
  ])('%s keeps its form', (fourCc, codec, head) => {
    expect(read(plain(0x90, fourCc, 'header'), plain(0x93, fourCc, 'picture')).units).toEqual([
      `config ${codec} 90${bytes(fourCc, 'header').toString('hex')}`,
      `keyframe ${codec} ${head}${bytes('picture').toString('hex')}`,
    ])
  })

  test.each(['hvc1', 'av01', 'vp09'])('%s without a header, or with an empty one, is left out', (fourCc) => {
    expect(read(plain(0x93, fourCc, 'picture')).units).toEqual([])
    expect(read(plain(0x90, fourCc), plain(0x93, fourCc, 'picture')).units).toEqual([])
  })

  test('a codec that changes needs its own header', () => {
    const { units } = read(header, keyframe, plain(0x93, 'av01', 'x'), plain(0x90, 'av01', 'x'), keyframe)
    expect(units.map((unit) => unit.slice(0, 12))).toEqual(['config h264 ', 'keyframe h26', 'config av1 9'])
  })

  test('other tracks beside plain H.264 are left out and named, whichever comes first', () => {
    const other = ofTrack(1, 0x90, 'hvc1', 'header')
    for (const sent of [
      [header, other, keyframe, ofTrack(1, 0x93, 'hvc1', 'x')],
      [other, header, keyframe],
    ]) {
      const { intake, units } = read(...sent)
      expect(units.slice(-2)).toEqual([configOf(record), 'keyframe h264 17010000000000000465aabbcc'])
      expect(intake.ignoredTracks).toEqual(['video track 1 (hvc1)'])
    }
  })

  test('of many tracks in one message the first is shown', () => {
    const tag = message([0x96, 0x20], 'avc1', [0, 0, 0, record.length], record, 'hvc1', [1, 0, 0, 1], 'x')
    expect(read(tag).units).toEqual([configOf(record)])
  })

  test('modifiers, colour information and commands carry no picture', () => {
    const modified = message([0x97, 2, 0, 0, 9, 0x03], 'avc1', units(slice))
    expect(read(header, modified, plain(0x94, 'avc1', 'x'), message([0xd1, 0])).units).toEqual([
      configOf(record),
      'keyframe h264 17010000000000000465aabbcc',
    ])
  })

  test('an unknown codec is refused by its FourCC', () => {
    expect(() => read(plain(0x90, 'vp0\n', 'x'))).toThrow('Video in "vp0?" is not supported')
  })

  test.each([
    ['nothing after the head', message([0x91])],
    ['half a FourCC', message([0x91], 'av')],
    ['a frame without its composition time', plain(0x91, 'avc1', [0, 0])],
    ['an unknown packet type', plain(0x9f, 'avc1', 'x')],
    ['a track longer than its message', message([0x96, 0x11], 'avc1', [0, 0, 0, 9], 'x')],
    ['an unknown arrangement of tracks', message([0x96, 0x31], 'avc1', [0], 'x')],
  ])('%s is left out', (_what, tag) => {
    expect(read(header, tag, frame).units).toHaveLength(2)
  })
})
