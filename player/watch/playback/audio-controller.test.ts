import { expect, test } from 'vitest'
import { audioController } from './audio-controller.ts'

const { prototype } = audioController() as unknown as {
  prototype: { onLevelLoaded(event: string, data: { details: object }): void }
}

/** Returns what the controller keeps as the playlist of the video after each of `loaded`. */
function keptAfter(...loaded: object[]): unknown[] {
  const controller = { mainDetails: null as unknown, cachedTrackLoadedData: null }
  return loaded.map((details) => {
    prototype.onLevelLoaded.call(controller as never, 'hlsLevelLoaded', { details })
    return controller.mainDetails
  })
}

const whole = { fragments: [{ start: 0 }] }

test('a whole playlist of the video is kept', () => {
  expect(keptAfter(whole)).toEqual([whole])
})

test.each([
  ['was left', { fragments: [null, { start: 2 }] }],
  ['lacks segments', { fragments: [{ start: 2 }], deltaUpdateFailed: true }],
])('a delta update that cannot be merged, because its rendition %s, is not kept', (_, delta) => {
  expect(keptAfter(whole, delta)).toEqual([whole, whole])
})
