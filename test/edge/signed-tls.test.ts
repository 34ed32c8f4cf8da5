import type { ClientHttp2Session } from 'node:http2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newTokenId } from '../../core/playback/playback-token.ts'
import { type SignedChannel, startSignedChannel, tokenOf, withToken } from '../kit/edge/signed-channel.ts'
import { makeCertificate } from '../kit/http/certificates.ts'
import { ask, connectHttp2 } from '../kit/http/http2-client.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

const directory = makeTempDir()
let channel: SignedChannel
let session: ClientHttp2Session
beforeAll(async () => {
  const { cert, key } = makeCertificate(directory.path, 'signed')
  channel = await startSignedChannel({ NOWCAST_TLS_CERT: cert, NOWCAST_TLS_KEY: key })
  session = connectHttp2(channel.url)
})
afterAll(async () => {
  session?.close()
  await channel?.close()
  directory.remove()
})

const responseTo = async (path: string) => {
  const { status, body } = await ask(session, path)
  return `${status} ${body.toString().trim()}`
}

test('an HTTP/2 connection is served with a token only, whatever it sent before', async () => {
  for (const path of channel.paths) {
    const good = await ask(session, withToken(path, tokenOf()))
    expect([good.status, good.headers['cache-control']], path).toEqual([
      200,
      expect.stringMatching(/^private, /),
    ])
    expect(await responseTo(path), path).toBe('403 token_missing')
    expect(await responseTo(withToken(path, tokenOf({ channelId: 'c_other' }))), path).toBe(
      '403 token_invalid',
    )
    expect(channel.origin.asked(path), 'the token is not part of the key').toBe(1)
  }
})

test('concurrent streams each have their own token', async () => {
  const [path = ''] = channel.paths
  const tokens = Array.from({ length: 30 }, (_, n) => (n % 3 === 0 ? 'x.y.z' : tokenOf()))
  const responses = await Promise.all(tokens.map((token) => ask(session, withToken(path, token))))
  expect(responses.map(({ status }) => status)).toEqual(
    tokens.map((token) => (token === 'x.y.z' ? 403 : 200)),
  )
})

test('a viewer whose token is revoked while waiting gets the refusal instead of the playlist', async () => {
  const expiresAt = Date.now() + 3_600_000
  const id = newTokenId(expiresAt)
  const target = `${channel.base}/720p.m3u8?_HLS_msn=9&_HLS_part=0`
  let reply = () => {}
  channel.origin.on(target, (response) => {
    reply = () => response.end('#EXTM3U')
  })
  const token = tokenOf({ id, expiresAt })
  const waiting = ask(session, withToken(target, token))
  await channel.origin.whenAsked(target)
  await channel.writeRules({ revoked: { [id]: expiresAt } })
  const [path = ''] = channel.paths
  await waitFor('the revocation', async () => (await responseTo(withToken(path, token))).startsWith('403'))
  reply()
  const { status, body } = await waiting
  expect([status, body.toString().trim()]).toEqual([403, 'token_revoked'])
})
