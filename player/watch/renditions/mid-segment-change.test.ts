import type Hls from 'hls.js'
import type { FragLoadedData, FragLoadingData, LevelDetails } from 'hls.js'
import { expect, test, vi } from 'vitest'
import { createMidSegmentChange, highestWithin } from './mid-segment-change.ts'

const playlistOf = (folder: string) => `http://edge/live/show/s/${folder}.m3u8`
const mediaOf = (folder: string, name: string) => `http://edge/live/show/s/1/${folder}/${name}`

/** A segment of 2 s in the upper of two renditions, of which the playlist lists `parts` parts of 0.5 s. */
function watch({ parts = 4 } = {}) {
  const frag = {
    type: 'main',
    sn: 7,
    level: 1,
    url: mediaOf('720p', '7.m4s'),
    initSegment: { url: mediaOf('720p', 'init.mp4') },
    stats: {},
    abortRequests: vi.fn(),
  }
  const partList = Array.from({ length: parts }, (_, index) => ({
    index,
    fragment: frag,
    start: index / 2,
    end: (index + 1) / 2,
    url: mediaOf('720p', `7.${index}.m4s`),
  }))
  const details = { targetduration: 2, partList, fragments: [] as unknown[] }
  const levels = [
    { uri: playlistOf('240p'), maxBitrate: 400_000, averageBitrate: 400_000 },
    { uri: playlistOf('720p'), maxBitrate: 3_000_000, averageBitrate: 3_000_000, details },
  ]
  const hls = { levels, nextLoadLevel: 1, trigger: vi.fn() }
  const request = vi.fn<(url: string) => void>()
  const link = { throughput: { estimate: { safe: 1_000_000 } } }
  const change = createMidSegmentChange({ link, ahead: { request } } as never)
  return {
    change,
    hls: hls as unknown as Hls,
    frag,
    request,
    loading: (index: number) =>
      change.noteLoading({ frag, part: partList[index] } as unknown as FragLoadingData),
    loaded: (index: number) =>
      change.noteLoaded(
        { frag, part: partList[index] } as unknown as FragLoadedData,
        details as unknown as LevelDetails,
      ),
  }
}

test('a change aborts the part that hls.js loads, and requests the start of the segment', () => {
  const { change, hls, frag, request, loading } = watch()
  loading(0)
  change.change(hls, 1, 0)
  expect(hls.nextLoadLevel).toBe(0)
  expect(frag.abortRequests).toHaveBeenCalledOnce()
  expect(request.mock.calls.flat()).toEqual([mediaOf('240p', 'init.mp4'), mediaOf('240p', '7.0.m4s')])
})

test('hls.js reports only the first of several parts that it loads: the next one is aborted too', () => {
  const { change, hls, frag, request, loading, loaded } = watch()
  loading(0)
  loaded(0)
  change.change(hls, 1, 0)
  expect(frag.abortRequests).toHaveBeenCalledOnce()
  expect(request).toHaveBeenCalledWith(mediaOf('240p', '7.0.m4s'))
})

test('after the last part of the playlist nothing is aborted', () => {
  const { change, hls, frag, request, loading, loaded } = watch({ parts: 1 })
  loading(0)
  loaded(0)
  change.change(hls, 1, 0)
  expect(frag.abortRequests).not.toHaveBeenCalled()
  expect(request).not.toHaveBeenCalled()
})

test('the change is quicker while most of a segment is to come, and not near its end', () => {
  const { change, hls, loading, loaded } = watch()
  loading(0)
  loaded(0)
  expect(change.isQuicker(hls, 1, 0)).toBe(true)
  loaded(3)
  expect(change.isQuicker(hls, 1, 0)).toBe(false)
  expect(change.shortfall(hls, 1)).toBe(0)
})

test('the highest level is taken whose segment has few enough bits, otherwise the lowest', () => {
  const { hls } = watch()
  expect(highestWithin(hls.levels, [0, 1], 2, 6_000_000)).toBe(1)
  expect(highestWithin(hls.levels, [0, 1], 2, 1_000_000)).toBe(0)
  expect(highestWithin(hls.levels, [0, 1], 2, 100)).toBe(0)
})
