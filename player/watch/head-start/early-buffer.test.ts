import { expect, test, vi } from 'vitest'
import { createEarlyBuffer } from './early-buffer.ts'

/** A source buffer that is busy with each append until `finish`. */
class FakeSourceBuffer extends EventTarget {
  updating = false
  timestampOffset = 0
  readonly appended: string[] = []

  appendBuffer(data: ArrayBuffer) {
    if (this.updating) throw new Error('busy')
    this.updating = true
    this.appended.push(`${text(data)} at ${this.timestampOffset}`)
  }

  finish() {
    this.updating = false
    this.dispatchEvent(new Event('updateend'))
  }
}

const bytes = (content: string): ArrayBuffer => new TextEncoder().encode(content.padEnd(40)).buffer
const text = (data: ArrayBuffer) => new TextDecoder().decode(data).trim()

function opened(onError = () => {}) {
  const source = new FakeSourceBuffer()
  const early = createEarlyBuffer(onError)
  early.open(source as unknown as SourceBuffer)
  return { source, early }
}

test('pieces are appended one after another, media at its place in the timeline', () => {
  const { source, early } = opened()
  early.append(bytes('init'), false)
  early.append(bytes('first'), true)
  early.append(bytes('second'), true)
  expect(source.appended).toEqual(['init at 0'])
  source.finish()
  expect(source.appended).toEqual(['init at 0'])
  early.setOffset(-7)
  source.finish()
  source.finish()
  expect(source.appended).toEqual(['init at 0', 'first at -7', 'second at -7'])
})

test('what arrives before the buffer is open is appended in order', () => {
  const source = new FakeSourceBuffer()
  const early = createEarlyBuffer(() => {})
  early.append(bytes('init'), false)
  early.setOffset(2)
  early.append(bytes('first'), true)
  early.open(source as unknown as SourceBuffer)
  source.finish()
  expect(source.appended).toEqual(['init at 0', 'first at 2'])
})

test('the buffer is released when it is idle, and nothing more is appended', async () => {
  const { source, early } = opened()
  early.append(bytes('init'), false)
  early.append(bytes('later'), false)
  const released = vi.fn()
  const release = early.release().then(released)
  await Promise.resolve()
  expect(released).not.toHaveBeenCalled()
  source.finish()
  await release
  expect(released).toHaveBeenCalledWith(source)
  expect(source.appended).toEqual(['init at 0'])
})

test('a released buffer ignores what it already has, once, and its user sees that succeed', async () => {
  const { source, early } = opened()
  early.append(bytes('init'), false)
  source.finish()
  const released = await early.release()
  const done = vi.fn()
  source.addEventListener('updateend', done)
  released?.appendBuffer(bytes('init'))
  await Promise.resolve()
  expect(done).toHaveBeenCalledTimes(1)
  released?.appendBuffer(bytes('new'))
  source.finish()
  released?.appendBuffer(bytes('init'))
  expect(source.appended).toEqual(['init at 0', 'new at 0', 'init at 0'])
})

test('a piece whose head was changed is recognized by its end', async () => {
  const { source, early } = opened()
  early.append(bytes('init'), false)
  source.finish()
  const released = await early.release()
  const changed = new Uint8Array(bytes('init'))
  changed[0] = 0
  released?.appendBuffer(changed)
  expect(source.appended).toEqual(['init at 0'])
})

test('a refused append is reported', () => {
  const onError = vi.fn()
  const { source, early } = opened(onError)
  source.appendBuffer = () => {
    throw new Error('QuotaExceededError')
  }
  early.append(bytes('init'), false)
  expect(onError).toHaveBeenCalledTimes(1)
})
