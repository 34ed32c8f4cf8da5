import type { PlaybackRules } from '../../../core/contracts/playback-rules.ts'
import { multivariantPath } from '../../../core/playback/media-paths.ts'
import {
  createPlaybackTokens,
  newTokenId,
  type PlaybackClaims,
} from '../../../core/playback/playback-token.ts'
import { get, type RequestOptions } from '../http/client.ts'
import { waitFor } from '../wait-for.ts'
import { startEdgeLine, tokenKey } from './edge-line.ts'
import { mediaReply, playlistReply } from './fake-origin.ts'

export type SignedChannel = Awaited<ReturnType<typeof startSignedChannel>>

const tokens = createPlaybackTokens(tokenKey)

/** Signs a token for the channel `paid`. It is valid for an hour unless `change` says otherwise. */
export function tokenOf(change: Partial<PlaybackClaims> = {}): string {
  const issuedAt = Date.now() - 1000
  const expiresAt = issuedAt + 3_600_000
  return tokens.sign({ id: newTokenId(expiresAt), channelId: 'c_paid', issuedAt, expiresAt, ...change })
}

export const withToken = (path: string, token: string) => path.replace('/live/', `/live/t/${token}/`)

/** Starts an edge with the signed channel `paid`, which is live. */
export async function startSignedChannel(environment: Record<string, string> = {}) {
  const line = await startEdgeLine(environment)
  let version = 0

  /**
   * Writes playback rules as a manager does. The edge notices them a moment later. By default only `paid` is
   * signed, and no token is revoked.
   */
  function writeRules(rules: Partial<PlaybackRules>) {
    version += 1
    const signed = { paid: { channelId: 'c_paid', revokedUntil: 0 } }
    return line.rules.put({ signed, revoked: {}, ...rules }, `version ${version}`)
  }

  async function ask(path: string, options: RequestOptions = {}) {
    const { status, headers, body } = await get(line.url + path, options)
    return { status, headers, text: body.toString().trim() }
  }

  /**
   * Requests the multivariant playlist of `paid` with a token. Returns status and body, such as `200 #paid`.
   */
  async function responseTo(token: string, options: RequestOptions = {}) {
    const { status, text } = await ask(multivariantPath('paid', token), options)
    return `${status} ${text}`
  }

  await writeRules({})
  const { base } = await line.goLive('paid')
  line.origin.on(multivariantPath('paid'), playlistReply('#paid', 60))
  line.origin.on(`${base}/720p.m3u8`, playlistReply('#playlist', 60))
  const media = ['1/720p/init.mp4', '1/720p/1.m4s', '1/720p/2.0.m4s']
  for (const uri of media) line.origin.on(`${base}/${uri}`, mediaReply(Buffer.from(uri)))
  await waitFor('the rules', async () => (await ask(multivariantPath('paid'))).status === 403)
  return {
    ...line,
    base,
    /** Paths of one object of each kind: multivariant and media playlist, init segment, segment and part. */
    paths: [multivariantPath('paid'), `${base}/720p.m3u8`, ...media.map((uri) => `${base}/${uri}`)],
    writeRules,
    ask,
    responseTo,
  }
}
