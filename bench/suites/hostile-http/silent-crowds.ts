import { setTimeout as delay } from 'node:timers/promises'
import { makeCertificate } from '../../../test/kit/http/certificates.ts'
import { ask, connectHttp2 } from '../../../test/kit/http/http2-client.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { quantile } from '../../figures/statistics.ts'
import type { Figure } from '../../figures/table.ts'
import { startBenchEdge } from '../../stand/edge-process.ts'
import { keepHostileCrowds } from '../../stand/hostile-crowd.ts'
import { startScriptedOrigin } from '../../stand/scripted-origin.ts'

/** Number of silent and slow clients of each kind. */
const crowd = 500
/** Maximum time for which an edge keeps such a connection, ms: all deadlines one after the other. */
const maxKeptMs = 75_000
/** Time between two requests of the viewer, ms. */
const pollMs = 50

/**
 * Keeps crowds of silent and slow clients at an edge without TLS and at one with TLS, before the handshake,
 * with HTTP/1.1 and with HTTP/2, while a viewer of the second edge requests playlists.
 */
export async function silentCrowds(plainPort: number, seconds: number): Promise<Figure[]> {
  const directory = makeTempDir()
  const { cert, key } = makeCertificate(directory.path, 'hostile')
  const origin = await startScriptedOrigin()
  const edge = await startBenchEdge(
    origin.url,
    { NOWCAST_TLS_CERT: cert, NOWCAST_TLS_KEY: key, NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '0' },
    '0,1',
  )
  const url = edge.url.replace('http:', 'https:')
  const port = Number(new URL(url).port)
  const target = `${edge.base}/720p.m3u8`
  const body = Buffer.from('#EXTM3U\n'.repeat(100))
  origin.put(target, body)
  try {
    const [crowds, viewer] = await Promise.all([
      keepHostileCrowds(
        [
          { port: plainPort, states: 'http1' },
          { port, states: 'tls' },
          { port, alpn: ['http/1.1'], states: 'http1' },
          { port, alpn: ['h2'], states: 'http2' },
        ],
        { count: crowd, seconds, maxMs: maxKeptMs },
      ),
      view(url, target, body, performance.now() + seconds * 1000),
    ])
    for (const wrong of viewer.wrong.slice(0, 5)) console.log('wrong', wrong)
    return [
      { name: 'connections of silent and slow clients', value: crowds.connections, unit: '' },
      { name: 'the longest of them', value: crowds.longestMs / 1000, unit: 's' },
      { name: 'kept for over 75 s', value: crowds.keptTooLong, unit: '', atMost: 0 },
      { name: 'responses to a viewer with TLS and HTTP/2', value: viewer.ms.length, unit: '' },
      { name: 'of them missing or wrong', value: viewer.wrong.length, unit: '', atMost: 0 },
      { name: 'the same, p99', value: quantile(viewer.ms, 0.99), unit: 'ms' },
    ]
  } finally {
    await edge.stop()
    origin.stop()
    directory.remove()
  }
}

/** Requests a playlist on one new connection after the other. */
async function view(url: string, target: string, expected: Buffer, until: number) {
  const results = { ms: [] as number[], wrong: [] as string[] }
  while (performance.now() < until) {
    const begin = performance.now()
    const session = connectHttp2(url)
    const failed = new Promise<Error>((resolve) => session.once('error', resolve))
    const late = delay(5000, new Error('no response in 5 s'))
    const response = await Promise.race([ask(session, target), failed, late]).catch((error: Error) => error)
    results.ms.push(performance.now() - begin)
    if (response instanceof Error) results.wrong.push(String(response))
    else if (!response.body.equals(expected))
      results.wrong.push(`${response.status}, ${response.body.length} bytes`)
    session.destroy()
    await delay(pollMs)
  }
  return results
}
