import { expect, test } from 'vitest'
import { writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import { originServer } from '../../../test/kit/packager/packager-server.ts'
import { begin, playlistOf, testOptions, videoNames } from '../../../test/kit/packager/test-presentation.ts'
import { readPlaylist } from '../../../test/kit/playlist.ts'
import {
  type AdoptedMedia,
  createPresentation,
  type EpochSink,
  newSegment,
  type PresentationOptions,
  type StoredMedia,
} from '../packager.ts'

const names = [...videoNames, 'audio']
/** Date of session time 0. */
const zeroAt = Date.UTC(2026, 0, 1)

/** Creates media that the segment store has, or has lost. */
function storedMedia(text: string, isThere = true): StoredMedia {
  const data = Buffer.from(text)
  let isDropped = false
  return {
    bytes: data.length,
    parts: [],
    read: async () => (isThere && !isDropped ? data : undefined),
    isLost: false,
    get data() {
      return isDropped ? undefined : data
    },
    drop() {
      isDropped = true
    },
  }
}

interface Former {
  /** Numbers of the first and of the last segment, of 2 s each; the first one begins at session time 0. */
  first?: number
  last?: number
  /** Numbers that begin with a discontinuity. */
  breaks?: readonly number[]
  /** Numbers that were not stored, and that were but are no more. */
  unstored?: readonly number[]
  lost?: readonly number[]
  discontinuitySequence?: number
}

/** Returns what another transcoder published in epoch 1. */
function former({ first = 10, last = 16, breaks = [], unstored = [], lost = [], ...more }: Former = {}) {
  const media: AdoptedMedia = {
    segments: Array.from({ length: last - first + 1 }, (_, index) => {
      const msn = first + index
      const stored = unstored.includes(msn) ? undefined : storedMedia(`media ${msn}`, !lost.includes(msn))
      const startMs = index * 2000
      const hasDiscontinuity = breaks.includes(msn)
      const start = { msn, epoch: 1, startMs, date: zeroAt + startMs, hasDiscontinuity }
      const segment = { ...newSegment(start), durationMs: 2000, isGap: stored === undefined }
      return stored === undefined ? segment : { ...segment, stored }
    }),
    discontinuitySequence: more.discontinuitySequence ?? 3,
    inits: new Map([[1, Buffer.from('init')]]),
  }
  return media
}

const adopting = (media: AdoptedMedia, options: Partial<PresentationOptions> = {}) =>
  createPresentation(
    testOptions({ windowSegments: 7, adopted: new Map(names.map((name) => [name, media])), ...options }),
  )

function write(sink: EpochSink, fromMs: number, toMs: number) {
  writeAudio(sink, fromMs, toMs + 20)
  writeVideo(sink, videoNames, { fromMs, toMs, gopMs: 1000 })
}

const read = (presentation: ReturnType<typeof createPresentation>, name = '720p') =>
  readPlaylist(playlistOf(presentation, name))

test('a successor lists the segments of its predecessor, gaps, and then its own media', () => {
  const presentation = adopting(former(), { startMsn: 19, startDiscontinuity: 3 })
  const sink = begin(presentation, { epoch: 1001 })
  write(sink, 17_000, 19_480)
  for (const name of names) {
    const { mediaSequence, discontinuitySequence, segments } = read(presentation, name)
    expect([mediaSequence, discontinuitySequence], name).toEqual([12, 3])
    expect(segments.map(({ uri, gap }) => (gap ? 'gap' : uri))).toEqual([
      ...[12, 13, 14, 15, 16].map((msn) => `1/${name}/${msn}.m4s`),
      ...['gap', 'gap', `1001/${name}/19.m4s`, undefined],
    ])
    expect(segments.map(({ map }) => map).slice(0, 8)).toEqual([
      ...Array(7).fill(`1/${name}/init.mp4`),
      `1001/${name}/init.mp4`,
    ])
    expect(segments.map(({ discontinuity }) => discontinuity)).toEqual([...Array(7).fill(false), true, false])
    // The gaps last as long as the media that is missing: from 14 to 17 s.
    expect(segments.slice(5, 7).map(({ duration }) => Math.round(duration * 20) / 20)).toEqual([2, 1])
    for (const [index, { programDateTime }] of segments.slice(0, 7).entries())
      expect(programDateTime).toBe(zeroAt + 4000 + index * 2000)
    expect(Math.abs((segments[7]?.programDateTime ?? 0) - zeroAt - 17_000)).toBeLessThan(25)
  }
})

test('a transcoder that lost nothing lists gaps without a length', () => {
  const skipping = adopting(former(), { startMsn: 19, startDiscontinuity: 3 })
  write(begin(skipping, { epoch: 1001 }), 14_000, 16_480)
  expect(read(skipping).segments.flatMap(({ gap, duration }) => (gap ? [duration] : []))).toEqual([0, 0])
})

test('nothing is listed before the first media of the successor, and all of it together', () => {
  const presentation = adopting(former(), { startMsn: 19, startDiscontinuity: 3 })
  const sink = begin(presentation, { epoch: 1001 })
  expect([...presentation.streams.values()].some(({ isPlayable }) => isPlayable)).toBe(false)
  write(sink, 17_000, 17_480)
  expect(read(presentation).segments.at(-1)).toMatchObject({ msn: 19, uri: undefined, discontinuity: true })
})

test('when the origin record is older than what was stored, no number is used that may have been begun', () => {
  const presentation = adopting(former({ breaks: [12] }), { startMsn: 15, startDiscontinuity: 1 })
  write(begin(presentation, { epoch: 1001 }), 14_000, 16_480)
  const { discontinuitySequence, segments } = read(presentation)
  expect(segments.find(({ uri }) => uri?.startsWith('1001/'))).toMatchObject({ msn: 18, discontinuity: true })
  expect([discontinuitySequence, segments.filter(({ discontinuity }) => discontinuity).length]).toEqual([
    3, 2,
  ])
  expect(presentation.discontinuity).toBe(5)
})

test('discontinuities that were announced but not stored count too, equally in all renditions', () => {
  const adopted = new Map([['720p', former()]])
  const presentation = createPresentation(testOptions({ adopted, startMsn: 19, startDiscontinuity: 4 }))
  write(begin(presentation, { epoch: 1001 }), 17_000, 19_480)
  const sequences = videoNames.map((name) => {
    const { discontinuitySequence, segments } = read(presentation, name)
    const own = segments.findIndex(({ msn }) => msn === 19)
    return (
      discontinuitySequence + segments.slice(0, own + 1).filter(({ discontinuity }) => discontinuity).length
    )
  })
  expect(sequences).toEqual([5, 5])
})

test('what was not stored is a gap, and becomes one when the store has lost it', async () => {
  const presentation = adopting(former({ unstored: [12], lost: [14] }), {
    startMsn: 19,
    startDiscontinuity: 3,
  })
  write(begin(presentation, { epoch: 1001 }), 17_000, 19_480)
  await Promise.resolve()
  const gaps = read(presentation).segments.flatMap(({ msn, gap }) => (gap ? [msn] : []))
  expect(gaps).toEqual([12, 14, 17, 18])
})

test('segments that are too old to be continued are left out', () => {
  const presentation = adopting(former(), { startMsn: 40, startDiscontinuity: 3 })
  write(begin(presentation, { epoch: 1001 }), 60_000, 62_480)
  expect(read(presentation)).toMatchObject({ mediaSequence: 40, discontinuitySequence: 3 })
})

test('the origin serves segments and init segments of the predecessor, until they have left the window', async () => {
  const presentation = adopting(former(), { startMsn: 19, startDiscontinuity: 3 })
  const sink = begin(presentation, { epoch: 1001 })
  const server = originServer(presentation, true)
  const port = await server.listen()
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/live/demo/${presentation.sessionId}/${path}`)
    return response.ok ? response.text() : response.status
  }
  try {
    expect(await get('1/720p/10.m4s'), 'before it is listed').toBe('media 10')
    write(sink, 17_000, 19_480)
    expect(await get('1/720p/init.mp4')).toBe('init')
    for (const msn of [11, 16]) expect(await get(`1/720p/${msn}.m4s`)).toBe(`media ${msn}`)
    expect(await get('1/720p/17.m4s'), 'a gap').toBe(404)
    write(sink, 19_480, 45_480)
    expect(await get('1/720p/16.m4s')).toBe(404)
    expect(await get('1/720p/init.mp4')).toBe(404)
  } finally {
    await server.close()
  }
})
