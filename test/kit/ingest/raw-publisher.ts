import { aacConfig, audio, avcConfig, frame, keyframe, publishBytes, sound, video } from './rtmp-bytes.ts'
import { connectRtmp } from './rtmp-client.ts'

/**
 * Starts a publisher that sends only what the test calls for. Its codec header states 30 frames/s, and its
 * frames cannot be decoded.
 */
export async function startRawPublisher(port: number, key: string, from?: string) {
  const client = await connectRtmp(port, from)
  client.send(publishBytes(key))
  await client.receives('NetStream.Publish.Start')
  return {
    ...client,
    /** Sends the codec headers of video and audio. */
    sendConfigs(timestamp = 0) {
      client.send(Buffer.concat([video(avcConfig, timestamp), audio(aacConfig, timestamp)]))
    },
    sendKeyframe: (timestamp: number) => client.send(video(keyframe, timestamp)),
    sendFrame: (timestamp: number) => client.send(video(frame, timestamp)),
    sendSound: (timestamp: number) => client.send(audio(sound, timestamp)),
    /** Closes the connection without ending the publish, as a broken network does. */
    async vanish() {
      client.socket.destroy()
      await client.closed
    },
  }
}

/**
 * Publishes with one key at several ingests at the same time. Resolves when each client has a response or was
 * cut off.
 */
export async function raceToPublish(ingests: readonly { rtmpPort: number }[], key: string) {
  const clients = await Promise.all(
    ingests.map(async ({ rtmpPort }) => {
      const client = await connectRtmp(rtmpPort)
      client.send(publishBytes(key))
      return client
    }),
  )
  const outcomes = await Promise.all(
    clients.map((client) =>
      Promise.race([
        client.receives('NetStream.Publish.Start').then(() => 'published'),
        client.receives('NetStream.Publish.BadName').then(() => 'refused'),
      ]).catch(() => 'cut'),
    ),
  )
  return { clients, outcomes }
}
