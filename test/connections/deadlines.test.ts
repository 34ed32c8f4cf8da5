import { afterAll, expect, test } from 'vitest'
import { deadlines } from '../../core/connections/deadlines.ts'
import { connectHostile, type HostileClient } from '../kit/connections/hostile-client.ts'
import {
  startEdge,
  startInternal,
  startManager,
  startRtmp,
  type TestListener,
} from '../kit/connections/listeners.ts'
import { rtmpStates } from '../kit/connections/rtmp-states.ts'
import { http1States, http2States, type Script, tlsHandshakeStates } from '../kit/connections/states.ts'
import { makeCertificate } from '../kit/http/certificates.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

const directory = makeTempDir()
const files = makeCertificate(directory.path, 'deadlines')
afterAll(() => directory.remove())

/** Starts the listener again for each state, and returns those in which a connection stays open. */
async function statesWithoutEnd(
  start: () => Promise<TestListener>,
  states: Record<string, Record<string, Script>>,
  alpn?: readonly string[],
): Promise<string[]> {
  const all = Object.entries(states).flatMap(([deadline, scripts]) =>
    Object.entries(scripts).map(([state, script]) => ({ state: `${deadline}: ${state}`, script })),
  )
  const endless: string[] = []
  await Promise.all(
    all.map(async ({ state, script }) => {
      const listener = await start()
      let client: HostileClient | undefined
      try {
        client = await connectHostile(listener.port, alpn)
        await script(client)
        await waitFor(`the end of ${state}`, () => listener.open() === 0, { timeoutMs: 15_000 })
      } catch {
        endless.push(state)
      }
      client?.socket.destroy()
      await listener.close()
    }),
  )
  return endless
}

const { responseMs, ...edgeOnly } = http1States
/** States of an edge: without responses that do not end, because an edge sends whole objects only. */
const edgeStates = {
  ...edgeOnly,
  responseMs: Object.fromEntries(
    Object.entries(responseMs).filter(([state]) => !state.includes('without end')),
  ),
}
const http1 = ['http/1.1']

/** All listeners. Each function returns the states in which a connection stays open. */
const walks: [string, () => Promise<string[]>][] = [
  ['RTMP', () => statesWithoutEnd(startRtmp, rtmpStates)],
  [
    'RTMPS before TLS',
    () => statesWithoutEnd(() => startRtmp(files), { tlsHandshakeMs: tlsHandshakeStates }),
  ],
  ['RTMPS', () => statesWithoutEnd(() => startRtmp(files), rtmpStates, [])],
  ['an edge', () => statesWithoutEnd(startEdge, edgeStates)],
  [
    'an edge before TLS',
    () => statesWithoutEnd(() => startEdge(files), { tlsHandshakeMs: tlsHandshakeStates }),
  ],
  ['an edge over TLS', () => statesWithoutEnd(() => startEdge(files), edgeStates, http1)],
  ['an edge with HTTP/2', () => statesWithoutEnd(() => startEdge(files), http2States, ['h2'])],
  ['the manager', () => statesWithoutEnd(startManager, http1States)],
  ['an internal listener', () => statesWithoutEnd(startInternal, http1States)],
]

test.concurrent.each(walks)('no state of a connection of %s is endless', async (_listener, walk) => {
  expect(await walk()).toEqual([])
})

test.each([
  ['ingest', () => startRtmp(files, deadlines.rtmp)],
  ['an edge', () => startEdge(files, deadlines.edge)],
])('%s stops although a client is in its TLS handshake', async (_listener, start) => {
  const listener = await start()
  const client = await connectHostile(listener.port)
  await waitFor('the server to accept it', () => listener.open() === 1)
  await listener.close()
  await waitFor('the end of the connection', () => listener.open() === 0)
  client.socket.destroy()
})
