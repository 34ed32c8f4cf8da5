import { expect, test } from 'vitest'
import type { VideoTagFields } from '../../core/media/flv-video.ts'
import { videoBodyOf, videoPacketOf } from '../../core/media/flv-video.ts'
import { avcRecord, avcSample, avcSps } from '../../test/kit/ingest/avc-bytes.ts'
import { AvcIntake } from './avc-intake.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const [sps, otherSps] = [avcSps(640, 352, 30), avcSps(352, 640, 30)]
const pps = hex('68ce0fc8')
const [record, otherRecord] = [avcRecord(sps), avcRecord(otherSps)]
/** Slices: an IDR picture, an intra picture (slice type 7) and one with references (slice type 5). */
const [idr, intra, inter] = [hex('65b8aabb'), hex('4188aabb'), hex('4198aabb')]
const [delimiter, filler, sei, recovery] = [hex('09f0'), hex('0cff80'), hex('0605016280'), hex('06060180')]

type Sent = readonly ['config' | 'keyframe' | 'frame', Buffer]

/** Reads messages. Returns the kind and the body, in hex, of each unit. */
function read(...sent: readonly Sent[]) {
  const intake = new AvcIntake()
  return sent
    .flatMap(([packet, body]) => {
      const fields: VideoTagFields = { codec: 'h264', packet, compositionTime: 0, body }
      return packet === 'config' ? intake.readHeader(fields) : intake.readPicture(fields)
    })
    .map(({ packet, tag }) => {
      expect(videoPacketOf(tag)).toBe(packet)
      return [packet, videoBodyOf(tag).toString('hex')]
    })
}
const shown = (...units: readonly Sent[]) => units.map(([packet, body]) => [packet, body.toString('hex')])
const header: Sent = ['config', record]
const sample = (packet: 'keyframe' | 'frame', ...units: Buffer[]): Sent => [packet, avcSample(...units)]

test('messages without a picture are left out', () => {
  const picture = sample('keyframe', idr)
  for (const unit of [delimiter, filler])
    expect(read(header, sample('frame', unit), sample('keyframe', unit), picture)).toEqual(
      shown(header, picture),
    )
})

test('SEI and parameter sets in messages of their own join the next picture, behind its delimiter', () => {
  expect(
    read(header, sample('frame', sei), sample('frame', delimiter, inter), sample('frame', inter)),
  ).toEqual(shown(header, sample('frame', delimiter, sei, inter), sample('frame', inter)))
  for (const packet of ['keyframe', 'frame'] as const)
    expect(read(sample(packet, sps), sample(packet, pps), sample('keyframe', idr))).toEqual(
      shown(header, sample('keyframe', sps, pps, idr)),
    )
})

test('what waits for a picture is bounded', () => {
  const large = Buffer.concat([hex('06'), Buffer.alloc(60_000, 5)])
  const [, picture] = read(header, sample('frame', large), sample('frame', large), sample('frame', inter))
  expect(picture).toEqual(['frame', sample('frame', large, inter)[1].toString('hex')])
})

test('a keyframe is known by its units, not by its mark', () => {
  expect(read(header, sample('frame', idr), sample('keyframe', inter), sample('keyframe', intra))).toEqual(
    shown(header, sample('keyframe', idr), sample('frame', inter), sample('keyframe', intra)),
  )
})

test('without intra pictures the mark counts, as with a recovery point', () => {
  const gradual = sample('keyframe', recovery, inter)
  expect(read(header, sample('keyframe', inter), gradual, sample('frame', inter), gradual)).toEqual(
    shown(header, sample('keyframe', inter), gradual, sample('frame', inter), gradual),
  )
})

test('keyframes that are known not to be IDR pictures are marked as open', () => {
  const openOf = (...bodies: Buffer[]) => {
    const intake = new AvcIntake()
    intake.readHeader({ codec: 'h264', packet: 'config', compositionTime: 0, body: record })
    const units = bodies.flatMap((body) =>
      intake.readPicture({ codec: 'h264', packet: 'keyframe', compositionTime: 0, body }),
    )
    return units.map(({ isOpen }) => isOpen ?? false)
  }
  const [closed, gradual] = [avcSample(idr), avcSample(recovery, inter)]
  expect(openOf(closed, avcSample(intra), closed, avcSample(inter))).toEqual([false, true, false, false])
  expect(openOf(gradual, gradual)).toEqual([true, true])
  expect(openOf(hex('01010101aabb'))).toEqual([false])
})

test('an intra picture that is no keyframe stays what it is', () => {
  expect(read(header, sample('keyframe', idr), sample('frame', intra))).toEqual(
    shown(header, sample('keyframe', idr), sample('frame', intra)),
  )
})

test('units that cannot be read pass as they are marked', () => {
  const odd: Sent = ['keyframe', hex('01010101aabb')]
  expect(read(header, odd, ['frame', odd[1]])).toEqual(shown(header, odd, ['frame', odd[1]]))
})

test.each([0, 1])('a record with a wrong length of length fields (%d) is corrected', (stated) => {
  const wrong = Buffer.from(record)
  wrong[4] = 0xfc | stated
  expect(read(['config', wrong], sample('keyframe', idr), sample('keyframe', idr))).toEqual(
    shown(['config', wrong], header, sample('keyframe', idr), sample('keyframe', idr)),
  )
})

test('a sequence parameter set that comes alone keeps the picture parameter sets', () => {
  expect(read(header, sample('keyframe', otherSps, idr))).toEqual(
    shown(header, ['config', otherRecord], sample('keyframe', otherSps, idr)),
  )
})
