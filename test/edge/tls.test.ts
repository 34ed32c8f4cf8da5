import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { mediaReply, playlistReply } from '../kit/edge/fake-origin.ts'
import { type CertificateFiles, makeCertificate } from '../kit/http/certificates.ts'
import { get } from '../kit/http/client.ts'
import { ask, connectHttp2 } from '../kit/http/http2-client.ts'
import { openRaw } from '../kit/http/raw-connection.ts'
import { startProcess } from '../kit/processes.ts'
import { mainOf } from '../kit/root.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

const directory = makeTempDir()
let used: CertificateFiles
let line: EdgeLine

beforeAll(async () => {
  used = makeCertificate(directory.path, 'first')
  line = await startEdgeLine({ NOWCAST_TLS_CERT: used.cert, NOWCAST_TLS_KEY: used.key })
})
afterAll(async () => {
  await line?.close()
  directory.remove()
})

/** Returns the common name in the certificate that the edge presents to a new connection. */
async function certificateName(): Promise<string> {
  const { socket } = await openRaw(line.url)
  const name = String((socket as TLSSocket).getPeerCertificate().subject.CN)
  socket.destroy()
  return name
}

test('HTTP/2 serves playlists, media, ranges, conditions, HEAD and refusals as HTTP/1.1 does', async () => {
  const { base } = await line.goLive('modern')
  const media = randomBytes(700_000)
  const playlist = `#EXTM3U\n${'#EXTINF:2,\nx.m4s\n'.repeat(40)}`
  line.origin.on(`${base}/720p.m3u8`, playlistReply(playlist, 60, { age: '3' }))
  line.origin.on(`${base}/1/720p/1.m4s`, mediaReply(media))
  const session = connectHttp2(line.url)

  const plain = await ask(session, `${base}/720p.m3u8?CMCD=x`)
  expect([plain.status, plain.body.toString(), plain.headers.age]).toEqual([200, playlist, '3'])
  const packed = await ask(session, `${base}/720p.m3u8`, { 'accept-encoding': 'gzip' })
  expect(packed.headers['content-encoding']).toBe('gzip')
  const etag = String(plain.headers.etag)
  expect((await ask(session, `${base}/720p.m3u8`, { 'if-none-match': etag })).status).toBe(304)

  const [whole, part] = await Promise.all([
    ask(session, `${base}/1/720p/1.m4s`),
    ask(session, `${base}/1/720p/1.m4s`, { range: 'bytes=10-19' }),
  ])
  expect([whole.status, whole.body.equals(media)]).toEqual([200, true])
  expect([part.status, part.body.equals(media.subarray(10, 20))]).toEqual([206, true])
  const head = await ask(session, `${base}/1/720p/1.m4s`, { ':method': 'HEAD' })
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '700000', 0])

  const refused = await ask(session, '/live/nobody/index.m3u8')
  expect([refused.status, refused.headers['retry-after']]).toEqual([404, '1'])
  expect((await ask(session, `${base}/720p.m3u8`, { ':method': 'OPTIONS' })).status).toBe(204)
  expect((await ask(session, `${base}/720p.m3u8`, { ':method': 'DELETE' })).status).toBe(405)
  expect((await ask(session, '/readyz')).body.toString()).toBe('ready\n')
  const metrics = await ask(session, '/metrics', { 'cache-control': 'no-cache' })
  expect(metrics.body.toString()).toMatch(/edge_http2_connections\{.*\} 1\n/)
  session.destroy()
})

test('a hundred held reloads wait on one connection, and cancelling one frees only its place', async () => {
  const { base } = await line.goLive('many')
  const target = `${base}/720p.m3u8?_HLS_msn=5&_HLS_part=1`
  let release = () => {}
  line.origin.on(target, (response) => {
    release = () => playlistReply('#EXTM3U\n#held', 12)(response, target)
  })
  const session = connectHttp2(line.url)
  const responses = Array.from({ length: 99 }, () => ask(session, target))
  const leaver = session.request({ ':path': target })
  await waitFor('all to wait', async () => (await line.metric('waiting_requests')) === 100)
  leaver.close(8)
  await waitFor('one to leave', async () => (await line.metric('waiting_requests')) === 99)
  release()
  const all = await Promise.all(responses)
  expect(all.every(({ body }) => body.toString() === '#EXTM3U\n#held')).toBe(true)
  expect(line.origin.asked(target)).toBe(1)
  session.destroy()
})

test('clients without HTTP/2 use HTTP/1.1 over TLS', async () => {
  const { base } = await line.goLive('classic')
  const media = randomBytes(500_000)
  line.origin.on(`${base}/1/720p/2.m4s`, mediaReply(media))
  const { body, status } = await get(`${line.url}${base}/1/720p/2.m4s`)
  expect(status).toBe(200)
  expect(body.equals(media)).toBe(true)
})

/**
 * Returns which of HTTP/2 and HTTP/1.1 the installed curl supports, with the curl option for each; empty
 * without curl.
 */
function curlVersions(): (readonly [option: string, version: string])[] {
  const about = spawnSync('curl', ['--version']).stdout?.toString() ?? ''
  const isInstalled = about.startsWith('curl ')
  return [
    ...(about.includes('HTTP2') ? [['--http2', '2'] as const] : []),
    ...(isInstalled ? [['--http1.1', '1.1'] as const] : []),
  ]
}

test('curl is served in each version of HTTP that it speaks', async () => {
  const { base } = await line.goLive('curl')
  line.origin.on(`${base}/720p.m3u8`, playlistReply('#EXTM3U\n', 60))
  for (const [option, version] of curlVersions()) {
    const curl = startProcess('curl', [
      ...['-sk', option, '-w', '%{http_version} %{http_code}\\n', line.url + base],
      ...['-o', '/dev/null', '--url', `${line.url}${base}/720p.m3u8`],
    ])
    await curl.exited
    expect(curl.lines.at(-1)).toBe(`${version} 200`)
  }
})

test('a new certificate is used for new connections, an invalid one never', async () => {
  expect(await certificateName()).toBe('first')
  const session = connectHttp2(line.url)
  await once(session, 'connect')
  const next = makeCertificate(directory.path, 'next')
  copyFileSync(next.key, used.key)
  copyFileSync(next.cert, used.cert)
  await waitFor('the new one', async () => (await certificateName()) === 'next')

  writeFileSync(used.cert, 'half a certif')
  const log = await waitFor('the edge to read it', () =>
    line.warnings.find((each) => each.includes('previous one stays')),
  )
  expect(log).toContain('NOWCAST_TLS_CERT and NOWCAST_TLS_KEY are not a PEM certificate and its key')
  expect(await certificateName()).toBe('next')
  expect((await ask(session, '/healthz')).status, 'a connection outlives its certificate').toBe(200)
  session.destroy()
  copyFileSync(next.cert, used.cert)
})

test('invalid files fail the start with one line, with workers too', async () => {
  const mine = makeCertificate(directory.path, 'mine')
  const other = makeCertificate(directory.path, 'other')
  const starts: [Record<string, string>, string][] = [
    [{ NOWCAST_TLS_KEY: mine.key }, 'NOWCAST_TLS_KEY needs NOWCAST_TLS_CERT'],
    [{ NOWCAST_TLS_CERT: mine.cert }, 'NOWCAST_TLS_CERT needs NOWCAST_TLS_KEY'],
    [
      { NOWCAST_TLS_CERT: mine.cert, NOWCAST_TLS_KEY: join(directory.path, 'none') },
      'NOWCAST_TLS_KEY cannot be read',
    ],
    [{ NOWCAST_TLS_CERT: mine.cert, NOWCAST_TLS_KEY: other.key }, 'are not a PEM certificate and its key'],
  ]
  for (const [files, expected] of starts) {
    const edge = startProcess(process.execPath, [mainOf('edge')], {
      env: {
        ...process.env,
        REDIS_URL: line.redis.url,
        NOWCAST_DATA_DIR: directory.path,
        NOWCAST_EDGE_PORT: '0',
        NOWCAST_EDGE_WORKERS: '2',
        ...files,
      },
    })
    expect((await edge.exited).code).toBe(1)
    expect(edge.lines).toHaveLength(1)
    expect(edge.lines[0]).toContain(expected)
  }
})
