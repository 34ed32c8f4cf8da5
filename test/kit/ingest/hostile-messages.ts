import {
  type AmfValue,
  amf0,
  audio,
  avcConfig,
  chunks,
  command,
  connectCommand,
  createStreamCommand,
  frame,
  handshake,
  keyframe,
  publishBytes,
  publishCommand,
  sound,
  video,
} from './rtmp-bytes.ts'

const wrongKey = 'sk_nobody'

const invoke = (payload: Buffer, type = 20) => chunks({ type, payload })
const after = (...parts: Buffer[]) => Buffer.concat([handshake, ...parts])
const afterConnect = (...parts: Buffer[]) => after(connectCommand(), createStreamCommand, ...parts)
const control = (type: number, value: number) => {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(value)
  return chunks({ type, payload, chunkStream: 2 })
}
/** Returns the header of a message of `length` bytes whose payload never follows. */
const announced = (chunkStream: number, length: number, type: number) =>
  chunks({ type, payload: Buffer.alloc(length), chunkStream }).subarray(0, 12)
const nested = (marker: number[], levels: number) =>
  Buffer.concat([...[amf0('connect'), amf0(1)], ...Array.from({ length: levels }, () => Buffer.from(marker))])
const connectWith = (object: AmfValue) => after(command('connect', 1, object))

/**
 * Messages that break the protocol or a limit. Each is sent on a connection of its own. None may start a
 * session or affect another connection.
 */
export const hostileMessages: Record<string, Buffer> = {
  'connect without a command object': after(command('connect', 1)),
  'connect with a null command object': connectWith(null),
  'connect without tcUrl': connectWith({ app: 'live' }),
  'connect with a bad tcUrl': connectWith({ app: 'live', tcUrl: '::::' }),
  'connect with a number as its app': connectWith({ app: 5 }),
  'connect twice': after(connectCommand(), connectCommand()),
  'publish without a name': afterConnect(command('publish', 3, null)),
  'publish with an empty name': afterConnect(publishCommand('')),
  'publish with a number as its name': afterConnect(command('publish', 3, null, 7)),
  'publish with a very long name': afterConnect(publishCommand('k'.repeat(20_000))),
  'publish without connect': after(createStreamCommand, publishCommand(wrongKey)),
  'publish again and again': afterConnect(...Array.from({ length: 50 }, () => publishCommand(wrongKey))),
  'key with parameters': afterConnect(publishCommand(`${wrongKey}?a=b`)),
  'another app': after(connectCommand('other'), createStreamCommand, publishCommand(wrongKey)),
  play: afterConnect(command('play', 3, null, wrongKey)),
  'truncated AMF string': after(invoke(Buffer.from([2, 0xff, 0xff, 0x61]))),
  'truncated AMF number': after(invoke(Buffer.concat([amf0('connect'), Buffer.from([0, 1])]))),
  'deeply nested AMF objects': after(invoke(nested([3, 0, 1, 0x61], 12_000))),
  'deeply nested AMF arrays': after(invoke(nested([0x0a, 0, 0, 0, 1], 12_000))),
  'endless AMF array': after(
    invoke(Buffer.concat([amf0('connect'), amf0(1), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff])])),
  ),
  'unknown AMF type': after(invoke(Buffer.from([0x42, 0, 0]))),
  'empty command': after(invoke(Buffer.alloc(0)), Buffer.from([0x43])),
  'empty AMF3 command': after(invoke(Buffer.alloc(0), 17), Buffer.from([0x43])),
  'commands with names of Object.prototype': after(command('constructor', 1), command('__proto__', 1)),
  'prototype in the command object': connectWith(JSON.parse('{"__proto__":{"app":"live"},"constructor":1}')),
  'message of 16 MB': after(announced(3, 0xffffff, 20)),
  'video of 3 MB before the publish': after(announced(6, 3_000_000, 9)),
  'many chunk streams': after(...Array.from({ length: 60 }, (_, i) => announced(3 + i, 1000, 8))),
  'message inside another message': after(announced(6, 500, 9), Buffer.alloc(128), announced(6, 60_000, 9)),
  'chunk size 0': after(control(1, 0), Buffer.alloc(300, 3)),
  'chunk size 1': after(control(1, 1)),
  'chunk size beyond 31 bits': after(control(1, 0xffffffff)),
  'truncated control message': after(chunks({ type: 1, payload: Buffer.from([1]), chunkStream: 2 })),
  'abort of an unknown stream': after(control(2, 77), control(2, 2)),
  'window of one byte': afterConnect(control(5, 1), ...Array.from({ length: 100 }, () => control(3, 0))),
  'flood of pings': after(
    ...Array.from({ length: 3000 }, () =>
      chunks({ type: 4, payload: Buffer.from([0, 6, 0, 0, 0, 1]), chunkStream: 2 }),
    ),
  ),
  'flood of createStream': afterConnect(...Array.from({ length: 1000 }, () => createStreamCommand)),
  'unknown message types': after(
    ...[0, 7, 16, 19, 22, 99].map((type) => chunks({ type, payload: Buffer.alloc(40) })),
  ),
  'media before the publish': afterConnect(video(avcConfig, 0), video(keyframe, 0), audio(sound, 0)),
  'media with a wrong key': Buffer.concat([
    ...[publishBytes(wrongKey), video(avcConfig, 0), video(keyframe, 0)],
    ...Array.from({ length: 20 }, (_, i) => video(frame, i * 33)),
  ]),
  'media after play': afterConnect(
    command('play', 3, null, wrongKey),
    video(avcConfig, 0),
    video(keyframe, 0),
  ),
  'end before the publish': after(
    command('deleteStream', 4, null, 1),
    command('FCUnpublish', 5, null, wrongKey),
  ),
  'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  'RTMPE version': Buffer.concat([Buffer.from([6]), Buffer.alloc(3072)]),
  'more bytes than allowed before the publish': after(
    ...Array.from({ length: 30 }, () => invoke(Buffer.concat([amf0('_checkbw'), Buffer.alloc(4000, 5)]))),
  ),
  nothing: Buffer.alloc(0),
}

/**
 * Returns truncated publishes with a wrong key: a few that end within the handshake, and one for each
 * possible end after it.
 */
export function truncatedPublishes(): Buffer[] {
  const whole = publishBytes(wrongKey)
  const cuts = [0, 1, 2, 800, 1537, 2000]
  for (let at = handshake.length; at < whole.length; at++) cuts.push(at)
  return cuts.map((at) => whole.subarray(0, at))
}

/** Returns a valid handshake, followed by random bytes or by a publish in which a few bytes are changed. */
export function noise(random: () => number): Buffer {
  const byte = () => Math.floor(random() * 256)
  if (random() < 0.5) return after(Buffer.from(Array.from({ length: 20 + random() * 2000 }, byte)))
  const bytes = Buffer.from(publishBytes(wrongKey))
  for (let changes = 1 + random() * 10; changes > 0; changes--)
    bytes[handshake.length + Math.floor(random() * (bytes.length - handshake.length))] = byte()
  return bytes
}
