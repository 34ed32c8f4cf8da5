import {
  createPlaybackTokens,
  newTokenId,
  type PlaybackClaims,
} from '../../../core/playback/playback-token.ts'
import { deriveClusterKeys } from '../../../core/process/cluster-keys.ts'
import { type AccessRequest, createAccess } from '../../../edge/access/access.ts'
import { createTokenVerifier } from '../../../edge/access/token-verifier.ts'
import { newClient } from '../../../edge/http/exchange.ts'

const keys = deriveClusterKeys('a-cluster-secret-for-benches-only')
const path = '/paid/s_0123456789012345678901/720p.m3u8?_HLS_msn=12345&_HLS_part=3'

export interface TokenCost {
  name: string
  /** Time to check one request, ns. */
  ns: number
  /** Whether viewers usually send requests of this kind. */
  isUsual: boolean
}

/** Returns the mean time of a call of `check`, ns, over `times` calls after a warm-up. */
function timed(times: number, check: (turn: number) => void): number {
  for (let turn = 0; turn < times / 4; turn += 1) check(turn)
  const begun = process.hrtime.bigint()
  for (let turn = 0; turn < times; turn += 1) check(turn)
  return Number(process.hrtime.bigint() - begun) / times
}

/**
 * Measures the time that an edge takes to check the token of a request, by kind of request. Each target is a
 * new string, as if read from a socket. `times`: number of checks per kind, at most 20 000 for unusual kinds.
 */
export function measureTokenCosts(times: number): TokenCost[] {
  const tokens = createPlaybackTokens(keys.tokenKey)
  const issuedAt = Date.now()
  const expiresAt = issuedAt + 3_600_000
  const sign = (change: Partial<PlaybackClaims> = {}) =>
    tokens.sign({ id: newTokenId(expiresAt), channelId: 'c_paid', issuedAt, expiresAt, ...change })
  const channel = { channelId: 'c_paid', revokedUntil: 0 }
  const others = Array.from({ length: 1000 }, (_, i): [string, typeof channel] => [`other-${i}`, channel])
  const revoked = new Map(Array.from({ length: 10_000 }, () => [newTokenId(expiresAt), expiresAt]))
  const rules = { areKnown: true, signed: new Map([...others, ['paid', channel]]), revoked }
  const none = { areKnown: true, signed: new Map(), revoked: new Map() }

  const requestFor = (token: string) =>
    Buffer.from(`GET /live${token === '' ? '' : `/t/${token}`}${path} HTTP/1.1`, 'latin1')
  const targetOf = (request: Buffer) => request.toString('latin1', 0, request.length).slice(4, -9)
  const newRequest = (): AccessRequest & { target: string } => ({
    target: '',
    token: '',
    headers: { host: 'edge', origin: 'https://a.example' },
    client: newClient('192.0.2.7'),
  })

  /**
   * Returns the time of the check alone, ns: the time of the same loop without the check is subtracted.
   * `given`: tokens of the requests, in turn. `isKept`: whether all requests come on one connection.
   */
  function cost(slug: string, known: typeof rules, given: readonly string[], isKept: boolean, count = times) {
    const access = createAccess(known, createTokenVerifier(tokens), keys.peerKey)
    const requests = given.map(requestFor)
    let request = newRequest()
    const nextOf = (turn: number) => {
      if (!isKept) request = newRequest()
      request.target = targetOf(requests[turn % requests.length] ?? Buffer.alloc(0))
      return request
    }
    let length = 0
    const without = timed(count, (turn) => {
      length += nextOf(turn).target.length
    })
    const whole = timed(count, (turn) => {
      const next = nextOf(turn)
      length += access.takeToken(next).length
      if (access.refusal(next, slug) !== undefined) length += 1
    })
    return length > 0 ? Math.max(0, whole - without) : 0
  }

  const good = sign()
  const bound = sign({ address: '192.0.2.0/24', origins: ['https://b.example', 'https://a.example'] })
  const bad = `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`
  const few = Math.min(times, 20_000)
  const usual = (name: string, ns: number): TokenCost => ({ name, ns, isUsual: true })
  const rare = (name: string, ns: number): TokenCost => ({ name, ns, isUsual: false })
  const many = (count: number) => Array.from({ length: count }, () => sign())
  return [
    usual('public channel, no channel is signed', cost('free', none, [''], true)),
    usual('public channel, 1000 channels are signed', cost('free', rules, [''], true)),
    usual('token that the connection sent before', cost('paid', rules, [good], true)),
    usual('the same, bound to a subnet and to pages', cost('paid', rules, [bound], true)),
    usual('token known from another connection, one of 5000', cost('paid', rules, many(5000), false)),
    rare('token seen for the first time', cost('paid', rules, many(1.25 * few), false, few)),
    rare('token that is invalid', cost('paid', rules, [bad], false, few)),
  ]
}
