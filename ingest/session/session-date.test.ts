import { afterEach, expect, test, vi } from 'vitest'
import { audioTagOf } from '../../core/media/flv-audio.ts'
import { audioTag, videoTag } from '../../core/media/flv-tag.ts'
import { videoTagOf } from '../../core/media/flv-video.ts'
import { avcSample } from '../../test/kit/ingest/avc-bytes.ts'
import { openSession } from '../../test/kit/ingest/open-session.ts'

afterEach(() => void vi.restoreAllMocks())

test('packets that waited in the network do not make the date of a session later', () => {
  const { session, zeros, header, soundHeader } = openSession()
  header()
  soundHeader()
  const now = 600_000
  const body = avcSample(Buffer.from('65aabbcc', 'hex'))
  const picture = (packet: 'keyframe' | 'frame', at: number) =>
    session.receive(videoTag, at, videoTagOf({ codec: 'h264', packet, compositionTime: 0, body }), now)
  const sound = (at: number) =>
    session.receive(audioTag, at, audioTagOf('aac', 'frame', Buffer.from('2101', 'hex')), now)
  picture('keyframe', 0)
  sound(0)
  sound(21)
  picture('frame', 33)
  session.flush()
  expect(zeros).toHaveLength(1)
  expect(zeros[0]).toBeLessThanOrEqual(Date.now() - 33)
})

test('after the clock of the machine is set, new sessions have its dates, and others keep theirs', () => {
  const wall = vi.spyOn(Date, 'now').mockReturnValue(1_000_000)
  const begin = () => {
    const opened = openSession()
    opened.header()
    opened.soundHeader()
    opened.keyframe(0)
    opened.sound(0)
    for (const at of [33, 67, 100]) opened.frame(at)
    expect(opened.zeros).toHaveLength(1)
    return opened
  }
  const first = begin()
  const [zero = 0] = first.zeros
  expect(zero).toBeGreaterThanOrEqual(1_000_000 - 100)
  wall.mockReturnValue(1_000_000 + 3 * 3_600_000)
  first.soundHeader('1210', 133)
  first.sound(133)
  first.frame(133)
  expect(first.zeros).toEqual([zero, zero])
  expect(begin().zeros).toEqual([zero + 3 * 3_600_000])
})
