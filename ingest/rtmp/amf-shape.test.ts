import { expect, test } from 'vitest'
import { amf0 } from '../../test/kit/ingest/rtmp-bytes.ts'
import { asAmf0 } from './amf-shape.ts'
import { readConnect } from './commands.ts'
import { amf } from './node-media-server.ts'
import { RtmpProtocol } from './rtmp-protocol.ts'

const text = (value: string) => Buffer.concat([Buffer.from([value.length * 2 + 1]), Buffer.from(value)])
const avmplus = 0x11
const connectHead = Buffer.concat(['connect', 1].map(amf0))
/** Builds an AMF0 value that contains an anonymous dynamic object of AMF3. `members` are already encoded. */
const amf3Object = (...members: (Buffer | number[])[]) =>
  Buffer.concat([
    Buffer.from([avmplus, 10, 0x0b, 1]),
    ...members.map((each) => Buffer.from(each)),
    Buffer.from([1]),
  ])
const app = Buffer.concat([text('app'), Buffer.from([6]), text('live')])

test('AMF0 is returned as it is', () => {
  const bytes = Buffer.concat(['connect', 1, { app: 'live', more: { deep: true } }, null].map(amf0))
  expect(asAmf0(bytes)).toBe(bytes)
})

test('an object of AMF3 becomes one of AMF0', () => {
  const sameText = [0x02, 6, 0x02]
  const members = [
    app,
    Buffer.concat([text('capsEx'), Buffer.from([4, 0x81, 0x00])]),
    Buffer.concat([text('fpad'), Buffer.from([2])]),
    Buffer.concat([text('list'), Buffer.from([9, 5, 1, 4, 1, 4, 2])]),
    sameText,
  ]
  const decoded = amf.decodeAmf0Cmd(asAmf0(Buffer.concat([connectHead, amf3Object(...members), amf0('x')])))
  expect(decoded).toMatchObject({
    cmd: 'connect',
    transId: 1,
    cmdObj: { app: 'live', capsEx: 128, fpad: false, list: null, live: 'live' },
  })
})

test('an object with a class has the names of its members first', () => {
  const bytes = Buffer.concat([
    Buffer.from([avmplus, 10, 0x13]),
    text('C'),
    text('app'),
    Buffer.from([6]),
    text('live'),
  ])
  expect(amf.decodeAmf0Cmd(asAmf0(Buffer.concat([connectHead, bytes])))).toMatchObject({
    cmdObj: { app: 'live' },
  })
})

test.each([
  ['of a type that cannot be parsed', amf3Object(app, [...text('set'), 0x11, 3, 0])],
  ['that is truncated', amf3Object(app).subarray(0, 9)],
  ['of a class with a format of its own', Buffer.from([avmplus, 10, 7, 3, 65, 1, 2, 3])],
  ['that refers to an unknown text', amf3Object([0x20, 1])],
])('an object of AMF3 %s counts as empty, with what follows', (_what, bytes) => {
  expect(asAmf0(Buffer.concat([connectHead, bytes]))).toEqual(Buffer.concat([connectHead, amf0({})]))
})

test('a connect whose object cannot be parsed means the only server path there is', () => {
  const decoded = amf.decodeAmf0Cmd(asAmf0(Buffer.concat([connectHead, Buffer.from([avmplus, 16])])))
  expect(readConnect(decoded)).toEqual({ app: 'live', software: null, canReconnect: false })
})

test('values of AMF3 do not grow beyond a bound', () => {
  const long = text('abcdefghij'.repeat(6))
  const repeated = Array.from({ length: 400 }, () => [0x02, 6, 0x02])
  const bytes = amf3Object(Buffer.concat([text('long'), Buffer.from([6]), long]), ...repeated)
  expect(asAmf0(bytes).length).toBeLessThan(60_000)
  const nested = Buffer.concat(Array.from({ length: 2000 }, () => Buffer.from([10, 0x0b, 1, 3, 97])))
  expect(asAmf0(Buffer.concat([Buffer.from([avmplus]), nested]))).toEqual(amf0({}))
})

test.each([
  ['with the byte before AMF0', [0]],
  ['without it', []],
])('a command of type 17 is read %s', (_what, prefix) => {
  const commands: unknown[] = []
  const rtmp = new RtmpProtocol({ command: ({ cmd }) => void commands.push(cmd), output() {} })
  rtmp.read(Buffer.concat([Buffer.from([3]), Buffer.alloc(3072, 1)]), 0)
  const payload = Buffer.concat([Buffer.from(prefix), connectHead, amf3Object(app)])
  rtmp.read(Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 0, payload.length, 17, 0, 0, 0, 0]), payload]), 0)
  expect(commands).toEqual(['connect'])
})
