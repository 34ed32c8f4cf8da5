import { createOddRequests } from '../../../test/kit/edge/odd-requests.ts'
import { type Received, sendRaw } from './raw-connection.ts'
import { secretMark, type TwoChannels } from './two-channels.ts'

/** What the attackers received. */
export interface Findings {
  connections: number
  /** Number of responses by status. */
  statuses: Map<string, number>
  /** First 500 characters of each request whose response contained a body of the signed channel. */
  leaks: string[]
  /** Number of connections with a slow head that lasted longer than `maxSlowHeadMs`. */
  keptTooLong: number
}

export const newFindings = (): Findings => ({
  connections: 0,
  statuses: new Map(),
  leaks: [],
  keptTooLong: 0,
})

/** One hostile connection. What it receives is recorded in `findings`. */
export type Attack = (channels: TwoChannels, findings: Findings) => Promise<void>

/**
 * Maximum duration of a connection with a slow head, ms. By default a head may take 5 s, so this leaves some
 * tolerance.
 */
const maxSlowHeadMs = 15_000

function record(findings: Findings, request: string, { text }: Received) {
  findings.connections += 1
  for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g))
    findings.statuses.set(status, (findings.statuses.get(status) ?? 0) + 1)
  // A body of the signed channel is a leak; its path in an error message is not.
  if (text.includes(secretMark)) findings.leaks.push(JSON.stringify(request.slice(0, 500)))
}

const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T
const get = (target: string, ...fields: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n')

/** Sends requests that are plain, malformed or hostile. */
export const sendOdd: Attack = async ({ url, open, signed }, findings) => {
  const { pieces } = createOddRequests(Math.floor(Math.random() * 2 ** 31), [...open, ...signed]).connection()
  record(findings, pieces.join(''), await sendRaw(url, pieces, { listenMs: 150 }))
}

/**
 * Hides a request for the signed channel after another one, with fields that parsers may read in different
 * ways.
 */
export const smuggle: Attack = async ({ url, open, signed }, findings) => {
  const hidden = get(pick(signed))
  const hiddenLength = hidden.length.toString(16)
  const chunked = `${hiddenLength}\r\n${hidden}\r\n0\r\n\r\n`
  const fields = pick([
    [`Content-Length: ${hidden.length}`, 'Content-Length: 0'],
    ['Content-Length: 0', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', `Content-Length: ${chunked.length}`],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding:\x0bchunked'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'],
    ['X: y\rTransfer-Encoding: chunked'],
    [`Content-Length: ${hidden.length}`, 'Connection: Content-Length'],
  ])
  const request = get(pick(open), ...fields) + pick([hidden, chunked, `0\r\n\r\n${hidden}`])
  record(findings, request, await sendRaw(url, [request], { listenMs: 150 }))
}

/** Requests the signed channel by paths that another parser could read as the open one. */
export const trickPath: Attack = async ({ url, open, signed }, findings) => {
  const target = pick(signed)
  const trick = pick([
    target.replace('/live/', '/live/bench/../'),
    target.replace('/live/', '/live/./'),
    target.replace('/live/', '//live//'),
    target.replace('paid', '%70aid'),
    target.replace('paid', 'paid%00'),
    target.replace('paid', 'PAID'),
    target.replaceAll('/', '%2f').replace('%2f', '/'),
    target.replaceAll('/', '\\').replace('\\', '/'),
    target.replace('/live/', '/live/t/'),
    target.replace('/live/', '/live/t//'),
    target.replace('/live/', '/live/t/../'),
    target.replace('/live/', '/live/t/x/../../'),
    target.replace('paid', 'bench'),
    `${target};x`,
    `${target}?CMCD=sid%3D%22a%22`,
    `${target}?_HLS_msn=0&_HLS_part=0`,
    `http://a${target}`,
    `${pick(open)}/../../..${target}`,
  ])
  const request = get(
    trick,
    ...pick([[], ['Authorization: Bearer'], ['X-Original-URL: /'], ['Range: bytes=0-99']]),
  )
  record(findings, request, await sendRaw(url, [request], { listenMs: 100 }))
}

/** Uses tokens that have expired, belong to another client or channel, or are malformed. */
export const forgeToken: Attack = async ({ url, signed, tokenOf }, findings) => {
  const good = tokenOf()
  const at = Math.floor(Math.random() * good.length)
  const token = pick([
    () => good.slice(0, at),
    () => `${good.slice(0, at)}${good[at] === 'A' ? 'B' : 'A'}${good.slice(at + 1)}`,
    () => good + good,
    () => good.split('.').reverse().join('.'),
    () => tokenOf({ expiresAt: Date.now() - 1000 }),
    () => tokenOf({ channelId: 'c_bench' }),
    () => tokenOf({ address: '192.0.2.1' }),
    () => 'x'.repeat(3000),
    () => '..',
    () => '%2e%2e',
  ])()
  if (token === good) return
  const request = get(pick(signed).replace('/live/', `/live/t/${token}/`))
  record(findings, request, await sendRaw(url, [request], { listenMs: 100 }))
}

/** Sends what is too large or too much: targets, fields, requests, empty lines, noise. */
export const sendHuge: Attack = async ({ url, open }, findings) => {
  const request = pick([
    () => get(`${pick(open)}?${'a'.repeat(60_000)}`),
    () => get(pick(open), `X: ${'y'.repeat(200_000)}`),
    () => get(pick(open), ...Array.from({ length: 3000 }, (_, i) => `X-${i}: y`)),
    () => get(pick(open)).repeat(2000),
    () => '\r\n'.repeat(20_000) + get(pick(open)),
    () => 'GET '.repeat(20_000),
    () => String.fromCharCode(...Array.from({ length: 20_000 }, () => Math.floor(Math.random() * 256))),
  ])()
  record(findings, request, await sendRaw(url, [request], { listenMs: 300 }))
}

/** Sends a head one byte at a time. The edge must not keep such a connection for long. */
export const sendSlowly: Attack = async ({ url, open }, findings) => {
  const head = get(pick(open), 'X: y'.repeat(50))
  const received = await sendRaw(url, [...head], { listenMs: 100, pauseMs: 400 })
  record(findings, head, received)
  if (received.lastedMs > maxSlowHeadMs) findings.keptTooLong += 1
}
