import { describe, expect, test } from 'vitest'
import { payloadOf, sealTag } from '../../core/media/flv-tag.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { RtmpProtocol } from './rtmp-protocol.ts'

const handshake = Buffer.concat([Buffer.from([3]), Buffer.alloc(3072, 1)])

interface ChunkOptions {
  type: number
  length: number
  timestamp?: number
  chunkStream?: number
  payload?: Buffer
}

/** Builds the first chunk of a message, with a header of type 0. */
function chunk({ type, length, timestamp = 0, chunkStream = 6, payload = Buffer.alloc(0) }: ChunkOptions) {
  const header = Buffer.alloc(12)
  header[0] = chunkStream
  header.writeUIntBE(timestamp, 1, 3)
  header.writeUIntBE(length, 4, 3)
  header[7] = type
  return Buffer.concat([header, payload])
}

const message = (type: number, payload: Buffer, timestamp = 0) =>
  chunk({ type, length: payload.length, payload, timestamp })

function open(isPublishing = true) {
  const media: { type: number; timestamp: number; payload: string }[] = []
  const commands: unknown[] = []
  const output: Buffer[] = []
  const rtmp = new RtmpProtocol({
    command: (command) => void commands.push(command.cmd),
    output: (bytes) => void output.push(bytes),
  })
  const read = (bytes: Buffer) => rtmp.read(bytes, 0)
  read(handshake)
  if (isPublishing)
    rtmp.publishTo({
      receive(type, timestamp, tag) {
        sealTag(tag, type, timestamp)
        media.push({ type, timestamp, payload: payloadOf(tag).toString() })
      },
      flush() {},
    })
  output.length = 0
  return { rtmp, read, media, commands, output }
}

test('media is returned in tags, with the bytes cut anywhere', () => {
  const bytes = Buffer.concat([message(9, Buffer.from('picture'), 40), message(8, Buffer.from('sound'), 41)])
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { read, media } = open()
    read(bytes.subarray(0, cut))
    read(bytes.subarray(cut))
    expect(media).toEqual([
      { type: 9, timestamp: 40, payload: 'picture' },
      { type: 8, timestamp: 41, payload: 'sound' },
    ])
  }
})

test('timestamps continue after 2^32 ms, where the library stops', () => {
  const { read, media } = open()
  const extended = (timestamp: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(timestamp)
    return bytes
  }
  const delta = Buffer.from([0x46, 0, 0, 33, 0, 0, 1, 9])
  read(chunk({ type: 9, length: 1, timestamp: 0xffffff, payload: extended(0xfffffff0) }))
  read(Buffer.concat([Buffer.from('a'), delta, Buffer.from('b')]))
  expect(media.map(({ timestamp }) => timestamp)).toEqual([0xfffffff0, 17])
})

describe('is refused:', () => {
  const control = (type: number, value: number) => {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(value)
    return message(type, payload)
  }
  test.each([
    [
      'video of more than 4 MB',
      true,
      chunk({ type: 9, length: 4 * 1024 * 1024 + 1, payload: Buffer.alloc(1) }),
    ],
    ['a command of more than 64 KB', true, chunk({ type: 20, length: 65_537, payload: Buffer.alloc(1) })],
    ['large media before the publish', false, chunk({ type: 9, length: 65_537, payload: Buffer.alloc(1) })],
    [
      'more than 1000 messages inside others',
      true,
      Buffer.concat(
        Array.from({ length: 1002 }, () => chunk({ type: 9, length: 500, payload: Buffer.alloc(128) })),
      ),
    ],
    [
      'more than 32 chunk streams',
      true,
      Buffer.concat(
        Array.from({ length: 33 }, (_, i) =>
          chunk({ type: 8, length: 1, chunkStream: 3 + i, payload: Buffer.alloc(1) }),
        ),
      ),
    ],
    [
      'more than 8 MB begun',
      true,
      Buffer.concat(
        Array.from({ length: 3 }, (_, i) =>
          chunk({ type: 9, length: 4_000_000, chunkStream: 3 + i, payload: Buffer.alloc(128) }),
        ),
      ),
    ],
    ['a chunk size of 0', true, control(1, 0)],
    ['a chunk size of 2^31', true, control(1, 0x80000000)],
    ['a control message without its value', true, message(1, Buffer.alloc(2))],
    ['an AMF string without its end', true, message(20, Buffer.from([2, 0, 9, 65]))],
    ['AMF of nine levels', true, message(20, Buffer.from('030001'.padEnd(6) + '61030001'.repeat(9), 'hex'))],
    ['an unknown AMF type', true, message(20, Buffer.from([0x42]))],
  ])('%s', (_what, isPublishing, bytes) => {
    expect(() => open(isPublishing).read(bytes)).toThrow(ProtocolViolation)
  })
})

test('an aborted message is forgotten, and its bytes are no longer reserved', () => {
  const { read, media } = open()
  const abort = chunk({ type: 2, length: 4, chunkStream: 2, payload: Buffer.from([0, 0, 0, 6]) })
  for (let i = 0; i < 10; i++) {
    read(chunk({ type: 9, length: 4_000_000, payload: Buffer.alloc(128) }))
    read(abort)
  }
  read(message(9, Buffer.from('picture')))
  expect(media).toEqual([{ type: 9, timestamp: 0, payload: 'picture' }])
})

test('the response to a ping has the same timestamp', () => {
  const { read, output } = open()
  read(message(4, Buffer.from([0, 6, 1, 2, 3, 4])))
  expect(Buffer.concat(output).subarray(-6)).toEqual(Buffer.from([0, 7, 1, 2, 3, 4]))
})

test('after a stop the rest of a read is not parsed', () => {
  const { rtmp, read } = open()
  const received: string[] = []
  rtmp.publishTo({
    receive(_type, _timestamp, tag) {
      received.push(payloadOf(tag).toString())
      rtmp.stop()
    },
    flush: () => void received.push('flush'),
  })
  read(Buffer.concat([message(9, Buffer.from('one')), message(9, Buffer.from('two'))]))
  read(message(9, Buffer.from('three')))
  expect(received).toEqual(['one'])
})

test('the sink receives the time of the read, and a flush after it', () => {
  const { rtmp } = open()
  const received: unknown[] = []
  rtmp.publishTo({
    receive: (type, timestamp, _tag, now) => void received.push([type, timestamp, now]),
    flush: () => void received.push('flush'),
  })
  rtmp.read(
    Buffer.concat([message(9, Buffer.from('picture'), 40), message(8, Buffer.from('sound'), 41)]),
    5000,
  )
  expect(received).toEqual([[9, 40, 5000], [8, 41, 5000], 'flush'])
  expect(rtmp.lastMediaAt).toBe(5000)
})

test('aggregate messages are split, with times relative to the first', () => {
  const { read, media } = open()
  const sub = (type: number, time: number, text: string) => {
    const bytes = Buffer.alloc(11 + text.length + 4)
    bytes[0] = type
    bytes.writeUIntBE(text.length, 1, 3)
    bytes.writeUIntBE(time & 0xffffff, 4, 3)
    bytes[7] = time >>> 24
    bytes.write(text, 11)
    return bytes
  }
  const parts = [sub(9, 1000, 'picture'), sub(8, 1010, 'sound'), sub(9, 1033, 'next')]
  read(message(22, Buffer.concat(parts), 5000))
  expect(media).toEqual([
    { type: 9, timestamp: 5000, payload: 'picture' },
    { type: 8, timestamp: 5010, payload: 'sound' },
    { type: 9, timestamp: 5033, payload: 'next' },
  ])
  expect(() => read(message(22, sub(9, 0, 'picture').subarray(0, 14)))).toThrow(ProtocolViolation)
})

test('media that comes with the publish reaches the sink once it is accepted', () => {
  const received: string[] = []
  const rtmp: RtmpProtocol = new RtmpProtocol({ command: () => rtmp.hold(), output() {} })
  const publish = message(20, Buffer.from('0200077075626c697368', 'hex'))
  rtmp.read(Buffer.concat([handshake, publish, message(9, Buffer.from('picture'), 40)]), 1000)
  expect(received).toEqual([])
  rtmp.publishTo({
    receive: (_type, timestamp, tag) => void received.push(`${timestamp} ${payloadOf(tag)}`),
    flush: () => void received.push('flush'),
  })
  expect(received).toEqual(['40 picture', 'flush'])
})
