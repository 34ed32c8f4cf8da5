import type { RtmpDeadlines } from '../../../core/connections/deadlines.ts'
import { chunks, connectCommand, createStreamCommand, handshake, publishBytes } from '../ingest/rtmp-bytes.ts'
import type { HostileClient } from './hostile-client.ts'
import type { States } from './states.ts'

const data = chunks({ type: 18, payload: Buffer.alloc(20), streamId: 1 })
const pingRequest = chunks({ type: 4, payload: Buffer.from([0, 6, 0, 0, 0, 1]), chunkStream: 2 })

/** Publishes with a key that the authority in `listeners.ts` knows, and waits for the first response. */
const publish = async ({ send, answered }: HostileClient, key: string) => {
  const response = answered()
  send(publishBytes(key))
  await response
}

export const rtmpStates: States<Omit<RtmpDeadlines, 'tlsHandshakeMs'>> = {
  handshakeMs: {
    'no byte': () => {},
    'half a handshake': ({ send }) => send(handshake.subarray(0, 2000)),
    'a slow handshake': ({ send, dribble }) => {
      send(Buffer.from([3]))
      dribble(() => Buffer.alloc(1))
    },
  },
  commandMs: {
    'no command': ({ send }) => send(handshake),
    'no command but pings': ({ send, dribble }) => {
      send(handshake)
      dribble(() => pingRequest)
    },
    'no publish': ({ send, dribble }) => {
      send(Buffer.concat([handshake, connectCommand()]))
      dribble(() => createStreamCommand)
    },
  },
  authorizationMs: {
    'a key that is never found': (client) => publish(client, 'never'),
    'a key that is never found, half open': async (client) => {
      await publish(client, 'never')
      client.socket.end()
    },
  },
  idleMs: {
    'no media': (client) => publish(client, 'good'),
    'data without media': async (client) => {
      await publish(client, 'good')
      client.dribble(() => data)
    },
    'pings without media': async (client) => {
      await publish(client, 'good')
      client.dribble(() => pingRequest)
    },
    'a frame that never ends': async (client) => {
      await publish(client, 'good')
      client.send(
        chunks({ type: 9, payload: Buffer.alloc(100_000), streamId: 1, chunkSize: 100_000 }).subarray(0, 99),
      )
      client.dribble(() => Buffer.alloc(1))
    },
  },
  responseMs: {
    'unread responses': (client) => {
      client.stopReading()
      client.send(Buffer.concat([publishBytes('good'), ...Array.from({ length: 20_000 }, () => pingRequest)]))
    },
  },
  lingerMs: {
    'open after a refusal': (client) => publish(client, 'bad'),
    'media after a refusal': async (client) => {
      await publish(client, 'bad')
      client.dribble(() => data)
    },
    'unread refusal': (client) => {
      client.stopReading()
      client.send(publishBytes('bad'))
    },
  },
}
