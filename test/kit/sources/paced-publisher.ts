import { audioTag, scriptTag, videoTag } from '../../../core/media/flv-tag.ts'
import {
  amf0,
  chunks,
  connectCommand,
  createStreamCommand,
  handshake,
  publishCommand,
} from '../ingest/rtmp-bytes.ts'
import { connectRtmp } from '../ingest/rtmp-client.ts'
import type { MediaMessage } from './media-messages.ts'

export interface PacedOptions {
  port: number
  /** What the server and key fields of an encoder contain. `app` is `live` by default. */
  app?: string
  key: string
  /** Maximum payload of a chunk, bytes; 4096 by default. */
  chunkSize?: number
  /** Whether extended timestamps are left out in chunks of type 3, as old versions of librtmp do. */
  omitsExtendedTimes?: boolean
  /** Whether the messages of the first 300 ms are in the same write as the publish command. */
  isHasty?: boolean
}

const chunkStreams = new Map([
  [audioTag, 4],
  [videoTag, 6],
  [scriptTag, 5],
])
const tickMs = 10

/**
 * Publishes messages, each at its time. Resolves when the publish was accepted.
 * @throws Error when the server disconnects before, or after 30 s
 */
export async function publishMessages(messages: readonly MediaMessage[], options: PacedOptions) {
  const { port, app = 'live', key, chunkSize = 4096, omitsExtendedTimes = false, isHasty = false } = options
  const bytesOf = ({ type, timestamp, payload }: MediaMessage) =>
    chunks({
      type,
      timestamp,
      streamId: 1,
      chunkSize,
      omitsExtendedTimes,
      chunkStream: chunkStreams.get(type) ?? 3,
      payload: type === scriptTag ? Buffer.concat([amf0('@setDataFrame'), payload]) : payload,
    })
  const size = Buffer.alloc(4)
  size.writeUInt32BE(chunkSize)
  const client = await connectRtmp(port)
  let next = 0
  const sendUntil = (ms: number) => {
    const due: Buffer[] = []
    for (let message = messages[next]; message && message.at <= ms; message = messages[++next])
      due.push(bytesOf(message))
    return Buffer.concat(due)
  }
  client.send(
    Buffer.concat([
      ...[handshake, connectCommand(app), createStreamCommand, publishCommand(key)],
      ...[chunks({ type: 1, payload: size, chunkStream: 2 }), sendUntil(isHasty ? 300 : -1)],
    ]),
  )
  await client.receives('NetStream.Publish.Start')
  const startedAt = performance.now()
  const sent = Promise.withResolvers<void>()
  const timer = setInterval(() => {
    client.send(sendUntil(performance.now() - startedAt))
    if (next < messages.length) return
    clearInterval(timer)
    sent.resolve()
  }, tickMs)
  void client.closed.then(() => {
    clearInterval(timer)
    sent.resolve()
  })
  return {
    /** Resolves when all messages were sent, or when the connection is closed. */
    sent: sent.promise,
    closed: client.closed,
    /** Returns the bytes that the server has sent so far, as Latin-1. */
    heard: () => client.received().toString('latin1'),
    async stop(): Promise<void> {
      clearInterval(timer)
      client.socket.destroy()
      await client.closed
    },
  }
}
