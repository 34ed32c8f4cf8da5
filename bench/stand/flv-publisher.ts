import { setTimeout as delay } from 'node:timers/promises'
import { videoTag } from '../../core/media/flv-tag.ts'
import type { FlvMessage } from '../../test/kit/flv-messages.ts'
import { amf0, chunks, publishBytes } from '../../test/kit/ingest/rtmp-bytes.ts'
import { connectRtmp } from '../../test/kit/ingest/rtmp-client.ts'
import type { FlvMedia } from './flv-media.ts'

export interface FlvPublisherOptions {
  /** RTMP URL with the stream key. */
  url: string
  media: FlvMedia
  /** Time after which the media is repeated, ms. Without it the media is sent once. */
  loopMs?: number
}

export interface FlvPublisher {
  /** Unix time at which the first frame of video was sent, ms. */
  firstFrameAt: number
  /** Resolves when all media was sent, the connection was lost, or `stop` was called. */
  closed: Promise<void>
  stop(): Promise<void>
}

/** Chunk size of OBS, bytes. */
const chunkSize = 4096

/**
 * Publishes media in real time, each frame at its decode time. Resolves when the first frame of video is
 * sent.
 */
export async function publishFlv({ url, media, loopMs }: FlvPublisherOptions): Promise<FlvPublisher> {
  const { port, pathname } = new URL(url)
  const client = await connectRtmp(Number(port))
  // Encoders turn off Nagle's algorithm, too. With it, the first messages wait up to 40 ms for
  // acknowledgements.
  client.socket.setNoDelay(true)
  const ending = new AbortController()
  const firstFrame = Promise.withResolvers<number>()
  void client.closed.then(() => ending.abort())
  client.send(publishBytes(pathname.split('/').at(-1) ?? ''))
  await client.receives('NetStream.Publish.Start')
  client.send(chunks({ type: 1, payload: uint32(chunkSize), chunkStream: 2 }))
  for (const message of media.head) client.send(encode(message, 0))

  async function send() {
    const startedAt = performance.now()
    for (let shiftMs = 0; ; shiftMs += loopMs ?? 0) {
      for (const frame of media.frames) {
        const waitMs = startedAt + shiftMs + frame.ms - performance.now()
        if (waitMs > 0) await delay(waitMs)
        if (ending.signal.aborted) return
        if (frame.type === videoTag) firstFrame.resolve(Date.now())
        client.send(encode(frame, shiftMs))
      }
      if (loopMs === undefined) return
    }
  }
  const sent = send()
  return {
    firstFrameAt: await firstFrame.promise,
    closed: sent,
    async stop() {
      ending.abort()
      await sent
      client.socket.end()
      client.socket.destroySoon()
      await client.closed
    },
  }
}

const encode = ({ type, ms, payload }: FlvMessage, shiftMs: number) =>
  chunks({
    type,
    payload: type === scriptMessage ? Buffer.concat([amf0('@setDataFrame'), payload]) : payload,
    timestamp: Math.round(ms + shiftMs),
    streamId: 1,
    chunkStream: type === videoTag ? 6 : 4,
    chunkSize,
  })

const scriptMessage = 18

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
