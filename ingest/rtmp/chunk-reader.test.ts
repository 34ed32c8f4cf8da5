import { expect, test } from 'vitest'
import { payloadOf } from '../../core/media/flv-tag.ts'
import { ChunkReader } from './chunk-reader.ts'

/** Builds the basic header of a chunk in 1, 2 or 3 bytes, depending on the id (RTMP 1.0 section 5.3.1.1). */
function basicHeader(format: number, id: number): Buffer {
  if (id < 64) return Buffer.from([(format << 6) | id])
  if (id < 320) return Buffer.from([format << 6, id - 64])
  return Buffer.from([(format << 6) | 1, (id - 64) & 0xff, (id - 64) >> 8])
}

interface ChunkFields {
  format?: 0 | 1 | 2 | 3
  id?: number
  time?: number
  length?: number
  payload?: string
  /** Extended timestamp, ms; there is none when it is undefined. */
  extended?: number
}

function chunk({ format = 0, id = 4, time = 0, length, payload = '', extended }: ChunkFields): Buffer {
  const header = Buffer.alloc([11, 7, 3, 0][format] ?? 0)
  if (format < 3) header.writeUIntBE(extended === undefined ? time : 0xffffff, 0, 3)
  if (format < 2) {
    header.writeUIntBE(length ?? payload.length, 3, 3)
    header[6] = 9
  }
  if (format === 0) header.writeUInt32LE(1, 7)
  const extension = Buffer.alloc(extended === undefined ? 0 : 4)
  if (extended !== undefined) extension.writeUInt32BE(extended)
  return Buffer.concat([basicHeader(format, id), header, extension, Buffer.from(payload)])
}

function reader() {
  const messages: [timestamp: number, payload: string][] = []
  const chunks = new ChunkReader(
    { maxMessage: () => 1_000_000, maxUnfinished: () => 1_000_000 },
    (_type, timestamp, _streamId, tag) => void messages.push([timestamp, payloadOf(tag).toString()]),
  )
  return { chunks, messages }
}

/**
 * Returns the messages in `bytes`, after a check that they are the same wherever reads of the socket cut
 * them.
 */
function messagesOf(bytes: Buffer, chunkSize = 128) {
  const whole = reader()
  whole.chunks.setChunkSize(chunkSize)
  whole.chunks.read(bytes)
  for (const size of [1, 2, 3, 7, 19]) {
    const cut = reader()
    cut.chunks.setChunkSize(chunkSize)
    for (let at = 0; at < bytes.length; at += size) cut.chunks.read(bytes.subarray(at, at + size))
    expect(cut.messages, `reads of ${size} bytes`).toEqual(whole.messages)
  }
  return whole.messages
}

test('chunk stream ids of one, two and three bytes are different streams', () => {
  const ids = [2, 63, 64, 319, 320, 322, 577, 65_599]
  const begins = ids.map((id) => chunk({ id, length: 6, payload: `${id}`.slice(0, 1).padEnd(3, '-') }))
  const ends = ids.map((id) => chunk({ format: 3, id, payload: `${id}`.slice(0, 1).padEnd(3, '.') }))
  const expected = ids.map((id) => [0, `${`${id}`[0]}--${`${id}`[0]}..`])
  expect(messagesOf(Buffer.concat([...begins, ...ends]), 3)).toEqual(expected)
})

test.each([1, 2, 5, 127, 128, 4096, 0xffffff])('a chunk size of %d', (size) => {
  const payload = 'abcdefghij'.repeat(60)
  const pieces: Buffer[] = []
  for (let at = 0; at < payload.length; at += size)
    pieces.push(
      chunk({
        format: at === 0 ? 0 : 3,
        length: payload.length,
        payload: payload.slice(at, at + size),
        time: 40,
      }),
    )
  expect(messagesOf(Buffer.concat([...pieces, chunk({ payload: 'n', time: 41 })]), size)).toEqual([
    [40, payload],
    [41, 'n'],
  ])
})

test('times are absolute, then deltas, then the same delta again', () => {
  const bytes = Buffer.concat([
    chunk({ time: 40, payload: 'a' }),
    chunk({ format: 1, time: 33, payload: 'b' }),
    chunk({ format: 2, time: 34, payload: 'c' }),
    chunk({ format: 3, payload: 'd' }),
  ])
  expect(messagesOf(bytes)).toEqual([
    [40, 'a'],
    [73, 'b'],
    [107, 'c'],
    [141, 'd'],
  ])
})

test.each([
  ['as the delta at the start of a stream', 20, 40],
  ['as the same time later', 50_000, 50_000],
])('a repeated absolute time counts %s', (_what, time, next) => {
  const bytes = Buffer.concat([chunk({ time, payload: 'a' }), chunk({ format: 3, payload: 'b' })])
  expect(messagesOf(bytes)).toEqual([
    [time, 'a'],
    [next, 'b'],
  ])
})

test.each([
  ['absolute', 0x0100_0000, undefined],
  ['near the end of 32 bits', 0xffff_fff0, undefined],
  ['delta', undefined, 0x0100_0000],
])('an extended timestamp (%s) may be repeated or left out in later chunks', (_what, absolute, delta) => {
  const first = delta === undefined ? [] : [chunk({ time: 5, payload: 'first' })]
  const begin = { format: delta === undefined ? 0 : 1, extended: absolute ?? delta } as const
  const expected = [
    ...(delta === undefined ? [] : [[5, 'first']]),
    [absolute ?? 5 + (delta ?? 0), 'abcdefghijkl'],
  ]
  for (const repeated of [{ extended: begin.extended }, {}]) {
    const bytes = Buffer.concat([
      ...first,
      chunk({ ...begin, length: 12, payload: 'abcde' }),
      chunk({ format: 3, payload: 'fghij', ...repeated }),
      chunk({ format: 3, payload: 'kl', ...repeated }),
      chunk({ time: 7, payload: 'later' }),
    ])
    expect(messagesOf(bytes, 5)).toEqual([...expected, [7, 'later']])
  }
})

test('a message in which another one begins is dropped', () => {
  const bytes = Buffer.concat([
    chunk({ time: 40, length: 12, payload: 'abcde' }),
    chunk({ format: 3, payload: 'fghij' }),
    chunk({ time: 80, length: 7, payload: 'ABCDE' }),
    chunk({ format: 3, payload: 'FG' }),
    chunk({ format: 1, time: 33, length: 9, payload: 'abcde' }),
    chunk({ format: 1, time: 34, payload: 'new' }),
  ])
  expect(messagesOf(bytes, 5)).toEqual([
    [80, 'ABCDEFG'],
    [147, 'new'],
  ])
  const { chunks } = reader()
  chunks.setChunkSize(5)
  chunks.read(bytes)
  expect(chunks.abandoned).toBe(2)
})

test('a publisher may change whether it repeats extended timestamps', () => {
  const extended = 0x0100_0001
  const message = (letter: string, repeated: boolean) => [
    chunk({ extended, length: 11, payload: letter.repeat(5) }),
    chunk({ format: 3, payload: letter.repeat(5), ...(repeated ? { extended } : {}) }),
    chunk({ format: 3, payload: letter, ...(repeated ? { extended } : {}) }),
  ]
  const habits = [true, false, true, false]
  const bytes = Buffer.concat(habits.flatMap((repeated, n) => message(`${n}`, repeated)))
  expect(messagesOf(bytes, 5)).toEqual(habits.map((_, n) => [extended, `${n}`.repeat(11)]))
})

test('times wrap after 2^32 ms', () => {
  const bytes = Buffer.concat([
    chunk({ extended: 0xffff_fff0, payload: 'a' }),
    chunk({ format: 1, time: 33, payload: 'b' }),
  ])
  expect(messagesOf(bytes)).toEqual([
    [0xffff_fff0, 'a'],
    [17, 'b'],
  ])
})

test('what arrives after a pause is kept for the resume', () => {
  const messages: string[] = []
  const chunks: ChunkReader = new ChunkReader(
    { maxMessage: () => 1000, maxUnfinished: () => 1000 },
    (_type, _timestamp, _streamId, tag) => {
      messages.push(payloadOf(tag).toString())
      if (messages.length === 1) chunks.pause()
    },
  )
  const bytes = Buffer.concat(['publish', 'one', 'two', 'three'].map((payload) => chunk({ payload })))
  chunks.read(bytes.subarray(0, 40))
  chunks.read(bytes.subarray(40))
  expect(messages).toEqual(['publish'])
  expect(chunks.unparsedBytes).toBe(bytes.length - chunk({ payload: 'publish' }).length)
  chunks.resume()
  expect(messages).toEqual(['publish', 'one', 'two', 'three'])
  expect(chunks.unparsedBytes).toBe(0)
})
