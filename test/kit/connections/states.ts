import type { HttpDeadlines } from '../../../core/connections/deadlines.ts'
import { endHeaders, endStream, frame, opening, ping, requestFields } from '../http/http2-frames.ts'
import type { HostileClient } from './hostile-client.ts'

/** Brings a connection into a state and keeps it there. */
export type Script = (client: HostileClient) => void | Promise<void>

/** For each deadline, the ways in which clients can keep their connections in its state. */
export type States<Deadlines> = Record<keyof Deadlines, Record<string, Script>>

/** Targets that all HTTP listeners of these tests serve. */
export const targets = { small: '/live/small', large: '/live/large', endless: '/live/endless' }

/** States before TLS, by what the client sends over TCP. */
export const tlsHandshakeStates: Record<string, Script> = {
  'no byte of TLS': () => {},
  'a slow ClientHello': ({ send, dribble }) => {
    send(Buffer.from('16030102000100', 'hex'))
    dribble(() => Buffer.alloc(1))
  },
  'no TLS at all, half open': ({ send, socket }) => {
    send('GET / HTTP/1.1\r\n\r\n')
    socket.end()
  },
}

const get = (target: string, method = 'GET') => `${method} ${target} HTTP/1.1\r\nHost: a\r\n`
const whole = (target: string, method?: string) => `${get(target, method)}\r\n`
const post = `${get(targets.small, 'POST')}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`
/** Sends a request and waits for the response. */
const ask = async ({ send, answered }: HostileClient) => {
  send(whole(targets.small))
  await answered()
}

export const http1States: States<HttpDeadlines> = {
  headMs: {
    'no byte': () => {},
    'empty lines': ({ dribble }) => dribble(() => '\r\n'),
    'half a head': ({ send }) => send(get(targets.small)),
    'half a head of another method': ({ send }) => send(get(targets.small, 'POST')),
    'a slow head': ({ send, dribble }) => {
      send(`${get(targets.small)}X: `)
      dribble(() => 'x')
    },
  },
  bodyMs: {
    'half a body': ({ send }) => send(`${post}{`),
    'a slow body': ({ send, dribble }) => {
      send(post)
      dribble(() => ' ')
    },
    'a slow body of GET': ({ send, dribble }) => {
      send(`${get(targets.small)}Content-Length: 1000\r\n\r\n`)
      dribble(() => ' ')
    },
    'slow chunks': ({ send, dribble }) => {
      send(
        `${get(targets.small, 'POST')}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      )
      dribble(() => '1\r\n \r\n')
    },
  },
  idleMs: {
    'no further request': ask,
    'empty lines after a request': async (client) => {
      await ask(client)
      client.dribble(() => '\r\n')
    },
    'half a head after a request': async (client) => {
      await ask(client)
      client.send(get(targets.small))
    },
    'half open after a request': async (client) => {
      await ask(client)
      client.socket.end()
    },
    'open after an error': ({ send }) => send('no HTTP\r\n\r\n'),
    'open after an unknown method': ({ send }) => send(whole(targets.small, 'DELETE')),
    'open after the last response': ({ send }) => send(`${get(targets.small)}Connection: close\r\n\r\n`),
  },
  responseMs: {
    'an unread response': ({ send, stopReading }) => {
      stopReading()
      send(whole(targets.large))
    },
    'an unread response of node:http': ({ send, stopReading }) => {
      stopReading()
      send(`${get(targets.large)}TE: trailers\r\n\r\n`)
    },
    'an unread response without end': ({ send, stopReading }) => {
      stopReading()
      send(whole(targets.endless))
    },
    'a response that is read slowly': ({ send, readSlowly }) => {
      readSlowly()
      send(whole(targets.large))
    },
    'an unread response, half open': ({ send, stopReading, socket }) => {
      stopReading()
      send(whole(targets.large))
      socket.end()
    },
    'an unread response behind others': ({ send, stopReading }) => {
      stopReading()
      send(`${get(targets.small)}TE: trailers\r\n\r\n${whole(targets.large)}${whole(targets.large)}`)
    },
  },
}

const headers = (flags: number, method: string, target: string, stream = 1) =>
  frame(1, flags, stream, requestFields(method, target))
const openAndAsk = async ({ send, answered }: HostileClient) => {
  send(Buffer.concat([opening(), headers(endStream | endHeaders, 'GET', targets.small)]))
  await answered()
}
/** Sends a request whose stream stays half open, and pings. */
const neverEnd =
  (method: string): Script =>
  ({ send, dribble }) => {
    send(Buffer.concat([opening(), headers(endHeaders, method, targets.small)]))
    dribble(ping)
  }

export const http2States: States<HttpDeadlines> = {
  headMs: {
    'no preface': () => {},
    'half a preface': ({ send }) => send('PRI * HTTP'),
    'no request': ({ send }) => send(opening()),
    'no request but pings': ({ send, dribble }) => {
      send(opening())
      dribble(ping)
    },
    'half a head': ({ send }) => send(Buffer.concat([opening(), headers(0, 'GET', targets.small)])),
    'no HTTP/2': ({ send }) => send(whole(targets.small)),
  },
  bodyMs: {
    'GET without its end': neverEnd('GET'),
    'HEAD without its end': neverEnd('HEAD'),
    'OPTIONS without its end': neverEnd('OPTIONS'),
    'a slow body': ({ send, dribble }) => {
      send(Buffer.concat([opening(), headers(endHeaders, 'POST', targets.small)]))
      dribble(() => frame(0, 0, 1, Buffer.alloc(1)))
    },
  },
  idleMs: {
    'no further request': openAndAsk,
    'pings after a request': async (client) => {
      await openAndAsk(client)
      client.dribble(ping)
    },
    'settings after a request': async (client) => {
      await openAndAsk(client)
      client.dribble(() => frame(4, 0, 0))
    },
    'half open after a request': async (client) => {
      await openAndAsk(client)
      client.socket.end()
    },
    'open after GOAWAY': async (client) => {
      await openAndAsk(client)
      client.send(frame(7, 0, 0, Buffer.alloc(8)))
    },
  },
  responseMs: {
    'a window that stays closed': ({ send, dribble }) => {
      send(Buffer.concat([opening(0), headers(endStream | endHeaders, 'GET', targets.large)]))
      dribble(ping)
    },
    'a closed window for a short response': ({ send, dribble }) => {
      send(Buffer.concat([opening(0), headers(endStream | endHeaders, 'GET', targets.small)]))
      dribble(ping)
    },
    'a window that opens slowly': ({ send, dribble }) => {
      send(Buffer.concat([opening(10), headers(endStream | endHeaders, 'GET', targets.large)]))
      dribble(() => frame(8, 0, 1, Buffer.from([0, 0, 0, 1])))
    },
    'an unread connection': ({ send, stopReading }) => {
      stopReading()
      const all = Array.from({ length: 50 }, (_, n) => n * 2 + 1)
      const heads = all.map((n) =>
        headers(endStream | endHeaders, n % 4 === 1 ? 'GET' : 'HEAD', targets.large, n),
      )
      send(Buffer.concat([opening(0x7fffffff), frame(8, 0, 0, Buffer.from([0x7f, 0, 0, 0])), ...heads]))
    },
  },
}
