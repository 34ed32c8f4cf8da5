import { expect, test } from 'vitest'
import { payloadOf } from '../../core/media/flv-tag.ts'
import { ChunkReader } from './chunk-reader.ts'
import { amf, Rtmp } from './node-media-server.ts'
import { acceptCall, acceptConnect, acceptFcPublish, canReconnect, requestReconnect } from './responses.ts'

/**
 * Returns what a client would parse from the output: decoded commands, and a pair of type and value for each
 * control message.
 */
function heard(respond: (rtmp: Rtmp) => void): unknown[] {
  const rtmp = new Rtmp()
  const output: Buffer[] = []
  rtmp.onOutputCallback = (bytes) => output.push(bytes)
  respond(rtmp)
  const messages: unknown[] = []
  const reader: ChunkReader = new ChunkReader(
    { maxMessage: () => 65_536, maxUnfinished: () => 65_536 },
    (type, _timestamp, _streamId, tag) => {
      const payload = payloadOf(tag)
      if (type === 20) return void messages.push(amf.decodeAmf0Cmd(payload))
      const value = payload.readUInt32BE(0)
      if (type === 1) reader.setChunkSize(value)
      messages.push([type, value])
    },
  )
  reader.read(Buffer.concat(output))
  return messages
}

test('connect is accepted after the limits, with what enhanced RTMP offers', () => {
  const [window, bandwidth, chunkSize, result] = heard((rtmp) => acceptConnect(rtmp, 7))
  expect([window, bandwidth]).toEqual([
    [5, 5_000_000],
    [6, 5_000_000],
  ])
  expect(chunkSize).toEqual([1, 65_535])
  expect(result).toMatchObject({
    cmd: '_result',
    transId: 7,
    info: {
      code: 'NetConnection.Connect.Success',
      capsEx: 7,
      videoFourCcInfoMap: { avc1: 5, hvc1: 5, av01: 5, vp09: 5 },
      audioFourCcInfoMap: { mp4a: 5, '.mp3': 5, Opus: 5 },
    },
  })
})

test('releaseStream and FCPublish get a result, and FCPublish its event too', () => {
  expect(heard((rtmp) => acceptCall(rtmp, 2))).toMatchObject([{ cmd: '_result', transId: 2 }])
  expect(heard((rtmp) => acceptFcPublish(rtmp, 3))).toMatchObject([
    { cmd: 'onFCPublish', info: { code: 'NetStream.Publish.Start' } },
    { cmd: '_result', transId: 3 },
  ])
})

test('a publisher is asked to connect again', () => {
  const last = heard((rtmp) => {
    acceptConnect(rtmp, 1)
    requestReconnect(rtmp)
  }).at(-1)
  expect(last).toMatchObject({
    cmd: 'onStatus',
    info: { level: 'status', code: 'NetConnection.Connect.ReconnectRequest' },
  })
})

test.each([
  [1, true],
  [7, true],
  [6, false],
  [0, false],
  ['1', false],
  [undefined, false],
])('capabilities of %j: reconnects %s', (capsEx, expected) => {
  expect(canReconnect(capsEx)).toBe(expected)
})
