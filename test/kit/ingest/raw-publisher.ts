import { aacConfig, audio, avcConfig, frame, keyframe, publishBytes, sound, video } from './rtmp-bytes.ts'
import { connectRtmp } from './rtmp-client.ts'

/**
 * A publisher whose every packet is decided by the test: 30 frames/s according to its codec header, content
 * that cannot be decoded.
 */
export async function startRawPublisher(port: number, key: string) {
  const client = await connectRtmp(port)
  client.send(publishBytes(key))
  await client.receives('NetStream.Publish.Start')
  return {
    ...client,
    /** Codec headers of picture and sound. */
    sendConfigs(timestamp = 0) {
      client.send(Buffer.concat([video(avcConfig, timestamp), audio(aacConfig, timestamp)]))
    },
    sendKeyframe: (timestamp: number) => client.send(video(keyframe, timestamp)),
    sendFrame: (timestamp: number) => client.send(video(frame, timestamp)),
    sendSound: (timestamp: number) => client.send(audio(sound, timestamp)),
    /** Disconnects without notice. */
    async vanish() {
      client.socket.destroy()
      await client.closed
    },
  }
}
