import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createModelChannel, type ModelChannelOptions } from '../../test/kit/model-channel/model-channel.ts'
import { stubBrowser } from '../../test/kit/model-channel/real-player.ts'
import type { ScriptedResponse, ServerScript } from '../../test/kit/model-channel/scripted-server.ts'
import { type Scenario, traceBoth } from '../../test/kit/model-channel/traces.ts'

// hls.js itself and the simulated viewer watch the same scripted server in simulated time. All requests,
// their directives, their order and their times must be the same.

beforeEach(() => {
  vi.useFakeTimers()
  stubBrowser()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** Expects the same requests from both, and the same end. Returns the errors with which hls.js gave up. */
async function traceSame(script: Partial<ServerScript>, scenario: Partial<Scenario>, channel = {}) {
  const { real, simulated, fatal, figures } = await traceBoth({
    script: () => ({ channel: createModelChannel(channel), ...script }),
    ms: 10_000,
    ...scenario,
  })
  expect(simulated).toEqual(real)
  expect(figures.losses > 0, 'whether the player has given up').toBe(fatal.length > 0)
  return fatal
}

async function expectSame(...traced: Parameters<typeof traceSame>): Promise<void> {
  await traceSame(...traced)
}

const two: ModelChannelOptions = { videos: ['360p', '720p'] }
const classic = { isLowLatency: false, ms: 20_000 }

/** Returns a fault: for some time, requests for some targets get a response without a body. */
const failing = (status: number, from: number, to: number, what: RegExp) => (target: string, atMs: number) =>
  atMs >= from && atMs < to && what.test(target) ? { status, body: Buffer.alloc(0) } : undefined

/**
 * Makes playlists like those of MediaMTX: only segments whose parts are listed have a date, and before the
 * first segment, number `first`, there are some whose media is missing.
 */
const sparse =
  (first: number) =>
  (target: string, _: number, { body }: ScriptedResponse) => {
    if (!target.includes('.m3u8')) return undefined
    const text = body
      .toString()
      .replace(/#EXT-X-PROGRAM-DATE-TIME:.*\n(?!#EXT-X-PART)/g, '')
      .replace(/#EXTINF.*\n.*\/(\d+)\.m4s/g, (line, msn) =>
        Number(msn) < first ? '#EXT-X-GAP\n#EXTINF:1.92000,\ngap.mp4' : line,
      )
    return { status: 200, body: Buffer.from(text) }
  }

// hls.js needs most of a second for each scenario, and much longer on a busy machine.
describe('the requests are those of hls.js', { timeout: 60_000 }, () => {
  test.each(
    [0, 1, 2, 3, 4, 5].flatMap((phase) => [20, 170, 310].map((nextPartMs) => ({ phase, nextPartMs }))),
  )('in a join at part $phase, $nextPartMs ms before the next one', ({ phase, nextPartMs }) =>
    expectSame({ parts: 60 + phase, nextPartMs }, { ms: 2500 }),
  )

  test.each([0, 1, 2, 3, 4, 5])('in a join at part %i with sound in the video', (phase) =>
    expectSame({ parts: 60 + phase, nextPartMs: 200 }, { ms: 2500 }, { hasAudio: false }),
  )

  test.each([
    { phase: 0, hasAudio: true },
    { phase: 3, hasAudio: true },
    { phase: 1, hasAudio: false },
    { phase: 4, hasAudio: false },
  ])('with classic HLS, joined at part $phase, sound apart: $hasAudio', ({ phase, hasAudio }) =>
    expectSame({ parts: 60 + phase, nextPartMs: 200 }, classic, { hasAudio, hasParts: false }),
  )

  test.each([
    { what: 'only the newest segments have a date', phase: 1, first: 0 },
    { what: 'the stream has just begun and media is missing before it', phase: 3, first: 7 },
  ])('when $what', ({ phase, first }) =>
    expectSame({ parts: 60 + phase, nextPartMs: 200, fault: sparse(first) }, {}),
  )

  test('for 30 s', () => expectSame({ parts: 63, nextPartMs: 100 }, { ms: 30_000 }))

  test.each([500, 1000, 1500, 1700, 3000, 6000])('when the publisher pauses for %i ms', async (pauseMs) => {
    const fatal = await traceSame({ pauses: [[4000, 4000 + pauseMs]] }, { ms: 14_000 })
    expect(fatal).toEqual([])
  })

  test.each([1500, 3000])('when it pauses for %i ms, with sound in the video', (pauseMs) =>
    expectSame({ pauses: [[4000, 4000 + pauseMs]] }, { ms: 10_000 }, { hasAudio: false }),
  )

  test.each([
    ['playlists fail for 1 s', 503, 3000, 4000, /s1.*m3u8/],
    ['playlists fail for 2 s', 503, 3000, 5000, /s1.*m3u8/],
    ['a video playlist fails', 503, 3000, 3500, /720p.m3u8/],
    ['an audio playlist fails', 503, 3000, 3500, /audio.m3u8/],
    ['media fail for 1 s', 503, 3000, 4000, /m4s/],
    ['media fail for 2 s', 503, 3000, 5000, /m4s/],
    ['video fails for 1 s', 503, 3000, 4000, /720p.*m4s/],
    ['sound fails for 1 s', 503, 3000, 4000, /audio.*m4s/],
    ['everything fails for 1 s', 503, 3000, 4000, /./],
    ['a video part is missing', 404, 3000, 3300, /720p.*m4s/],
    ['an audio part is missing', 404, 3000, 3300, /audio.*m4s/],
    ['a video playlist is missing', 404, 3000, 3300, /720p.m3u8/],
    ['an audio playlist is missing', 404, 3000, 3300, /audio.m3u8/],
    ['the multivariant playlist fails', 503, 0, 500, /index/],
    ['init segments fail', 503, 0, 500, /init/],
    ['the first playlists fail', 503, 0, 500, /s1.*m3u8/],
  ] as const)('when %s (%i)', (_, status, from, to, what) =>
    expectSame({ nextPartMs: 100, fault: failing(status, from, to, what) }, {}),
  )

  test.each([
    ['a playlist is missing', 404, 3000, 3300, /720p.m3u8/],
    ['a part is missing', 404, 3000, 3300, /720p.*m4s/],
    ['all of a variant is missing', 404, 3000, 9300, /720p/],
    ['all of a variant fails', 503, 3000, 9300, /720p/],
    ['everything fails for 5 s', 503, 3000, 8000, /./],
  ] as const)('when %s and there is another variant (%i)', (_, status, from, to, what) =>
    expectSame({ nextPartMs: 100, fault: failing(status, from, to, what) }, {}, two),
  )

  test.each([4000, 4330, 4500, 5300])('when the viewer chooses another variant after %i ms', (atMs) =>
    expectSame({}, { ms: 8000, choice: { atMs, level: 0 } }, two),
  )

  test('when the viewer chooses another variant of classic HLS', () =>
    expectSame({}, { ...classic, choice: { atMs: 4500, level: 0 } }, { ...two, hasParts: false }))

  test.each([4000, 5000])('when a delta update cannot be merged after %i ms', (fromMs) => {
    function fault(target: string, atMs: number, { body }: ScriptedResponse) {
      if (!target.includes('_HLS_skip') || atMs < fromMs || atMs > fromMs + 300) return undefined
      const older = (_: string, name: string, value: string) => `${name}${Number(value) - 3}`
      const more = (_: string, name: string, value: string) => `${name}${Number(value) + 3}`
      const text = body
        .toString()
        .replace(/(MEDIA-SEQUENCE:)(\d+)/, older)
        .replace(/(SKIPPED-SEGMENTS=)(\d+)/, more)
      return { status: 200, body: Buffer.from(text) }
    }
    return expectSame({ parts: 150, fault }, { ms: 9000 }, { listedSegments: 20 })
  })
})
