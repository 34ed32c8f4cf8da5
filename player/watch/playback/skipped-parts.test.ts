import type { Part } from 'hls.js'
import { expect, test } from 'vitest'
import { markSkipped } from './skipped-parts.ts'

/** Creates a part like those of hls.js, which counts a part as loaded when it has an elementary stream. */
function createPart(sn: number, isLoaded: boolean) {
  const elementaryStreams: Record<string, unknown> = isLoaded ? { audio: {} } : {}
  return {
    fragment: { sn },
    start: 1,
    end: 2,
    elementaryStreams,
    get loaded() {
      return Object.keys(elementaryStreams).length > 0
    },
  } as unknown as Part
}

test('only parts before a loaded part of the same segment count as loaded', () => {
  const partList = [
    createPart(1, false),
    createPart(2, false),
    createPart(2, false),
    createPart(2, true),
    createPart(2, false),
    createPart(3, false),
  ]
  markSkipped({ partList }, 'audio')
  expect(partList.map(({ loaded }) => loaded)).toEqual([false, true, true, true, false, false])
  markSkipped({ partList: null }, 'audio')
})
