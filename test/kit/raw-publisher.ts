import {
  aacConfig,
  audio,
  avcConfig,
  connectRtmp,
  frame,
  keyframe,
  publishBytes,
  sound,
  video,
} from './rtmp-client.ts'

export type RawPublisher = Awaited<ReturnType<typeof startRawPublisher>>

/** A publisher made by hand, whose every packet a test decides: 30 frames/s by its header, nothing that decodes. */
export async function startRawPublisher(port: number, key: string) {
  const client = await connectRtmp(port)
  client.send(publishBytes(key))
  await client.hears('NetStream.Publish.Start')
  return {
    ...client,
    /** Codec headers of picture and sound. */
    sendConfigs(timestamp = 0) {
      client.send(Buffer.concat([video(avcConfig, timestamp), audio(aacConfig, timestamp)]))
    },
    sendKeyframe: (timestamp: number) => client.send(video(keyframe, timestamp)),
    sendFrame: (timestamp: number) => client.send(video(frame, timestamp)),
    sendSound: (timestamp: number) => client.send(audio(sound, timestamp)),
    /** Goes away without a goodbye. */
    async vanish() {
      client.socket.destroy()
      await client.closed
    },
  }
}
