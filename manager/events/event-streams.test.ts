import type { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import type { StoredEvent } from '../store/events.ts'
import { createEventStreams } from './event-streams.ts'

const log = createLog('test', 'silent')

function storedEvent(position: number): StoredEvent {
  return {
    position,
    id: `evt_${position}`,
    type: 'channel.updated',
    at: 0,
    channelId: 'c_show',
    slug: 'show',
    sequence: position,
    data: { title: 'two\nlines' },
  }
}

/** Creates streams of a log in memory. `append` adds an event and reports it to the streams. */
function streamsOf(count: number, { limit = 5, quietMs = 60_000 } = {}) {
  const stored = Array.from({ length: count }, (_, index) => storedEvent(index + 1))
  const listeners = new Set<() => void>()
  const state = { isAway: false, reads: 0 }
  const events = {
    newest: async () => stored.length,
    async page(_: object, size: number, after: number) {
      state.reads += 1
      if (state.isAway) throw new Error('the database is away')
      return stored.slice(after, after + size)
    },
  }
  const tail = {
    get position() {
      return stored.length
    },
    watch(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const streams = createEventStreams({ events, tail, log }, { limit, quietMs })
  return {
    streams,
    state,
    listeners,
    append() {
      stored.push(storedEvent(stored.length + 1))
      for (const listener of [...listeners]) listener()
    },
  }
}

/**
 * Reads a stream until `count` blocks have arrived. Returns them without the first, the time to reconnect.
 */
async function blocksOf(stream: Readable, count: number): Promise<string[]> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    if (text.split('\n\n').length > count + 1) break
  }
  const blocks = text.split('\n\n').slice(0, -1)
  expect(blocks[0]).toBe('retry: 2000')
  return blocks.slice(1)
}

test('an event is one block with its place, its type and its JSON in one line', async () => {
  const { streams } = streamsOf(3)
  const [block] = await blocksOf(await streams.open({ after: 'e.1' }, 'e.2'), 1)
  const [id, type, data = '', ...rest] = block?.split('\n') ?? []
  expect([id, type, rest]).toEqual(['id: e.3', 'event: channel.updated', []])
  expect(JSON.parse(data.replace(/^data: /, ''))).toEqual({
    id: 'evt_3',
    type: 'channel.updated',
    timestamp: '1970-01-01T00:00:00.000Z',
    channel: 'show',
    channelId: 'c_show',
    sequence: 3,
    cursor: 'e.3',
    data: { title: 'two\nlines' },
  })
})

test('without a place a stream begins with the next event', async () => {
  const { streams, append, listeners } = streamsOf(3)
  const stream = await streams.open({}, undefined)
  const blocks = blocksOf(stream, 2)
  while (listeners.size === 0) await new Promise((resolve) => setImmediate(resolve))
  append()
  append()
  expect((await blocks).map((block) => block.split('\n')[0])).toEqual(['id: e.4', 'id: e.5'])
})

test('a quiet stream sends its place, also after events that were not chosen', async () => {
  const { streams } = streamsOf(3, { quietMs: 1 })
  expect(await blocksOf(await streams.open({}, 'e.3'), 2)).toEqual(['id: e.3', 'id: e.3'])
})

test('a client that does not read costs a page and no more reads', async () => {
  const { streams, state } = streamsOf(10_000)
  const stream = await streams.open({ after: 'e.0' }, undefined)
  stream.read(0)
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(state.reads).toBeLessThanOrEqual(2)
  stream.destroy()
})

test('the number of streams is limited, and a stream that was closed leaves its place at once', async () => {
  const { streams, listeners } = streamsOf(1, { limit: 1 })
  const stream = await streams.open({}, undefined)
  stream.resume()
  while (listeners.size === 0) await new Promise((resolve) => setImmediate(resolve))
  await expect(streams.open({}, undefined)).rejects.toMatchObject({ code: 'too_many_streams' })
  const closed = new Promise((resolve) => stream.once('close', resolve))
  stream.destroy()
  await closed
  expect(listeners.size).toBe(0)
  const next = await streams.open({}, undefined)
  streams.endAll()
  expect((await next.toArray()).join('')).toBe('retry: 2000\n\n')
})

test('a database that is away ends a stream, and a place beyond the log is refused', async () => {
  const { streams, state } = streamsOf(3)
  await expect(streams.open({}, 'e.4')).rejects.toMatchObject({ code: 'bad_cursor' })
  state.isAway = true
  expect((await (await streams.open({}, 'e.1')).toArray()).join('')).toBe('retry: 2000\n\n')
})
