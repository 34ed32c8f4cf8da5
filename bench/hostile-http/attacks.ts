import { createOddRequests } from '../../test/edge/odd-requests.ts'
import { secretMark, type TwoShows } from './two-shows.ts'
import { exchange, type Heard } from './wire.ts'

/** What the attackers have seen. */
export interface Findings {
  connections: number
  /** Answers of each status. */
  statuses: Map<string, number>
  /** Answers that hold something of the signed channel. */
  leaks: string[]
  /** Connections that sent slowly, or nothing whole, and were kept too long. */
  keptTooLong: number
}

export const newFindings = (): Findings => ({
  connections: 0,
  statuses: new Map(),
  leaks: [],
  keptTooLong: 0,
})

/** Each makes one connection, or one round of them. */
export type Attack = (shows: TwoShows, findings: Findings) => Promise<void>

/** A head may take 5 s, silence 30; an edge looks at each connection every few seconds, ms. */
const longestSlowHeadMs = 15_000

function note(findings: Findings, asked: string, { text }: Heard) {
  findings.connections += 1
  for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g))
    findings.statuses.set(status, (findings.statuses.get(status) ?? 0) + 1)
  // A path that is repeated in an answer is no leak; the signed channel's bodies are.
  if (text.includes(secretMark)) findings.leaks.push(JSON.stringify(asked.slice(0, 500)))
}

const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T
const get = (target: string, ...fields: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n')

/** Requests that are slightly off, and what smuggling is made of: two lengths, two codings, bodies that are requests. */
export const sendOdd: Attack = async ({ url, open, signed }, findings) => {
  const { pieces } = createOddRequests(Math.floor(Math.random() * 2 ** 31), [...open, ...signed]).connection()
  note(findings, pieces.join(''), await exchange(url, pieces, { listenMs: 150 }))
}

/** A request hidden in the body of another, for each idea of where that one ends. */
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
  const asked = get(pick(open), ...fields) + pick([hidden, chunked, `0\r\n\r\n${hidden}`])
  note(findings, asked, await exchange(url, [asked], { listenMs: 150 }))
}

/** Ways to name the signed channel that some other reader of paths would take for an open one. */
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
  const asked = get(
    trick,
    ...pick([[], ['Authorization: Bearer'], ['X-Original-URL: /'], ['Range: bytes=0-99']]),
  )
  note(findings, asked, await exchange(url, [asked], { listenMs: 100 }))
}

/** Tokens that were good once, for somebody else, or before a character was changed. */
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
  const asked = get(pick(signed).replace('/live/', `/live/t/${token}/`))
  note(findings, asked, await exchange(url, [asked], { listenMs: 100 }))
}

/** Heads, fields and counts beyond every limit. */
export const sendHuge: Attack = async ({ url, open }, findings) => {
  const asked = pick([
    () => get(`${pick(open)}?${'a'.repeat(60_000)}`),
    () => get(pick(open), `X: ${'y'.repeat(200_000)}`),
    () => get(pick(open), ...Array.from({ length: 3000 }, (_, i) => `X-${i}: y`)),
    () => get(pick(open)).repeat(2000),
    () => '\r\n'.repeat(20_000) + get(pick(open)),
    () => 'GET '.repeat(20_000),
    () => String.fromCharCode(...Array.from({ length: 20_000 }, () => Math.floor(Math.random() * 256))),
  ])()
  note(findings, asked, await exchange(url, [asked], { listenMs: 300 }))
}

/** A head that comes a byte at a time. */
export const sendSlowly: Attack = async ({ url, open }, findings) => {
  const head = get(pick(open), 'X: y'.repeat(50))
  const heard = await exchange(url, [...head], { listenMs: 100, pauseMs: 400 })
  note(findings, head, heard)
  if (heard.lastedMs > longestSlowHeadMs) findings.keptTooLong += 1
}
