import { describe, expect, test } from 'vitest'
import {
  encodeMessages,
  isAudio,
  isHeader,
  isVideo,
  type MediaMessage,
  withPayloads,
} from '../kit/sources/media-messages.ts'
import { publishMessages } from '../kit/sources/paced-publisher.ts'
import { useStage } from '../kit/sources/stage.ts'
import { waitFor } from '../kit/wait-for.ts'

const stage = useStage()

const delayed = (
  messages: readonly MediaMessage[],
  ms: number,
  isMeant: (message: MediaMessage) => boolean,
) =>
  messages
    .map((each) => (isMeant(each) ? { ...each, at: each.at + ms, timestamp: each.timestamp + ms } : each))
    .toSorted((one, other) => one.at - other.at)

/** Joins two sources: the first until `ms`, then the headers of the second and its media from `ms` on. */
const joined = (first: readonly MediaMessage[], second: readonly MediaMessage[], ms: number) => [
  ...first.filter(({ at }) => at < ms),
  ...second.filter(isHeader).map((header) => ({ ...header, at: ms, timestamp: ms })),
  ...second.filter((message) => message.at >= ms && !isHeader(message)),
]

/** An SEI unit with CEA-608 captions, after the length of the unit (ATSC A/53 part 4 section 6.2.3). */
const captions = Buffer.from('0000001206040eb500314741393403' + '41fffc942cff80', 'hex')
const interlaced = [
  ...['-vf', 'tinterlace=interleave_top', '-flags', '+ildct+ilme', '-x264opts', 'tff=1'],
  ...['-preset', 'veryfast', '-tune', 'fastdecode'],
]

// The tests run at the same time, because each takes seconds of real time.
describe.concurrent('viewers see', () => {
  test('a picture that begins 2 s after the sound', async () => {
    const shown = await stage().show(delayed(encodeMessages(), 2000, isVideo))
    expect(shown.top).toMatchObject({ size: '320x180', errors: '' })
    expect(shown.loudness).toBeGreaterThan(-50)
  })

  test('a picture whose sound begins 2 s later', async () => {
    const shown = await stage().show(delayed(encodeMessages(), 2000, isAudio), { seconds: 4 })
    expect(shown.top).toMatchObject({ size: '320x180', errors: '' })
    expect(shown.loudness).toBeGreaterThan(-50)
    expect(shown.seconds).toBeGreaterThan(4)
  })

  test('a size that changes, with the same length of parts', async () => {
    const turned = encodeMessages({ size: '180x320', fps: 10 })
    const shown = await stage().show(joined(encodeMessages(), turned, 3000))
    expect(shown.top).toMatchObject({ size: '180x320', errors: '' })
    expect(shown.partTargets).toHaveLength(1)
  })

  test('whole frames of an interlaced source', async () => {
    const shown = await stage().show(encodeMessages({ size: '480x352', more: interlaced }))
    expect(shown.source?.video?.isInterlaced).toBe(true)
    expect(shown.pictures.length).toBeGreaterThan(1)
    for (const picture of shown.pictures) expect(picture).toMatchObject({ isInterlaced: false, errors: '' })
  })

  test('segments of a source that has no second keyframe', async () => {
    const shown = await stage().show(encodeMessages({ gop: 10_000, seconds: 9 }), { seconds: 6 })
    expect(shown.top).toMatchObject({ size: '320x180', errors: '' })
    expect(shown.top?.frames).toBeGreaterThan(30)
    expect(shown.seconds).toBeGreaterThan(6)
  })

  test('a picture that stands still, while the sound continues', async () => {
    const frozen = encodeMessages({ seconds: 8 }).filter((message) => !isVideo(message) || message.at < 2000)
    const shown = await stage().show(frozen, { seconds: 4 })
    expect(shown.loudness).toBeGreaterThan(-50)
    expect(shown.seconds).toBeGreaterThan(4)
    expect(shown.lateMs).toBeLessThan(4000)
  })

  test('captions in every rendition', async () => {
    const captioned = withPayloads(encodeMessages({ size: '480x270' }), (message) => {
      const { payload } = message
      const isPicture = isVideo(message) && !isHeader(message)
      return [isPicture ? Buffer.concat([payload.subarray(0, 5), captions, payload.subarray(5)]) : payload]
    })
    const { pictures } = await stage().show(captioned)
    expect(pictures.map(({ size, hasCaptions }) => [size, hasCaptions])).toEqual([
      ['480x270', true],
      ['426x240', true],
    ])
  })

  test('a segment in the first playlist that there is', async () => {
    const channel = await stage().open()
    const publisher = await publishMessages(encodeMessages(), { port: stage().port, key: channel.key })
    await stage().whole.untilLive(channel.slug)
    for (const which of ['video', 'audio'] as const)
      expect((await channel.playlist(which)).segments.some(({ uri }) => uri !== undefined)).toBe(true)
    await publisher.stop()
  })
})

test('of publishers that take over in a row the last one is live', async () => {
  const channel = await stage().open(true)
  const publishers = []
  for (let n = 0; n < 4; n++)
    publishers.push(await publishMessages(encodeMessages(), { port: stage().port, key: channel.key }))
  await stage().whole.untilLive(channel.slug)
  const sessions = await waitFor('three ends', async () => {
    const all = await stage().sessionsOf(channel.slug)
    return all.filter(({ state }) => state === 'ended').length === 3 && all
  })
  const [newest, ...former] = sessions
  expect(former.map(({ reason }) => reason)).toEqual(['taken_over', 'taken_over', 'taken_over'])
  expect((await stage().statusOf(channel.slug))?.sessionId).toBe(newest?.id)
  for (const publisher of publishers) await publisher.stop()
})

test('short shows leave no ffmpeg behind', async () => {
  const channel = await stage().open()
  for (let n = 0; n < 3; n++) {
    const publisher = await publishMessages(encodeMessages({ size: '480x270' }), {
      port: stage().port,
      key: channel.key,
    })
    await waitFor('an ffmpeg', () => stage().whole.ffmpegPids().length > 0)
    await publisher.stop()
    await waitFor('the end of the show', async () => (await stage().statusOf(channel.slug)) === null)
  }
  await waitFor('no ffmpeg', () => stage().whole.ffmpegPids().length === 0)
  expect((await stage().sessionsOf(channel.slug)).map(({ reason }) => reason)).toEqual(
    Array.from({ length: 3 }, () => 'publisher_lost'),
  )
})
