import { afterEach, expect, test, vi } from 'vitest'
import { openEarly } from './early-media.ts'

afterEach(() => vi.unstubAllGlobals())

class Buffer extends EventTarget {
  readonly updating = false
}

class Source extends EventTarget {
  duration = 0
  readonly sourceBuffers: Buffer[] = []
  readonly setLiveSeekableRange = vi.fn()

  addSourceBuffer() {
    const buffer = new Buffer()
    this.sourceBuffers.push(buffer)
    return buffer
  }
}

test('playback begins when the element has metadata and media', async () => {
  vi.stubGlobal('MediaSource', Source)
  const createObjectURL = vi.fn((_: Source) => 'blob:')
  vi.stubGlobal('URL', { createObjectURL })
  const element = Object.assign(new EventTarget(), {
    src: '',
    readyState: 0,
    buffered: { length: 0 },
    currentTime: 0,
    play: vi.fn(async () => {}),
  })
  const media = openEarly(element as unknown as HTMLVideoElement, { video: 'avc1', audio: 'mp4a' })
  const [source] = createObjectURL.mock.calls[0] ?? []
  if (source === undefined) throw new Error('there is no media source')
  source.dispatchEvent(new Event('sourceopen'))
  await vi.waitFor(() => expect(source.sourceBuffers).toHaveLength(2))

  media.playFrom(7)
  element.readyState = 1
  element.dispatchEvent(new Event('loadedmetadata'))
  expect(element.currentTime, 'no media').toBe(0)
  element.buffered.length = 1
  source.sourceBuffers[1]?.dispatchEvent(new Event('updateend'))
  expect(element.currentTime).toBe(7)
  expect(element.play).toHaveBeenCalledOnce()
  source.sourceBuffers[0]?.dispatchEvent(new Event('updateend'))
  expect(element.play, 'only once').toHaveBeenCalledOnce()
})
