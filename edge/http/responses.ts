import type { IncomingHttpHeaders } from 'node:http'
import { exactAgeHeader } from '../../core/contracts/cluster-headers.ts'
import type { Failure } from '../objects/failure.ts'
import { formOf, type MediaObject, openHeaders } from '../objects/media-object.ts'
import { ageOf, type Form } from '../objects/representation.ts'
import { lend } from './body-memory.ts'
import { readByteRange } from './byte-range.ts'
import { matchesTag } from './entity-tag.ts'
import type { Exchange } from './exchange.ts'

/** Whether a request asks for something else than the whole (RFC 9110 13, 14). */
export const isConditional = (headers: IncomingHttpHeaders) =>
  headers.range !== undefined || headers['if-none-match'] !== undefined

/** Sends an object, or what a condition or a range leaves of it; gives the bytes of the body that goes out. */
export function sendObject(exchange: Exchange, object: MediaObject, time: number): number {
  const form = formOf(object, object.isCompressible && exchange.takesGzip)
  if (exchange.isConditional) {
    const sent = sendLess(exchange, object, form, time)
    if (sent !== undefined) return sent
  }
  exchange.sendForm(form, object.madeAt, time, lend(object))
  return exchange.isHead ? 0 : form.body.length
}

/** Sends an object to another edge: whole, plain, and with its exact age. */
export function sendToPeer(exchange: Exchange, object: MediaObject, time: number): number {
  const { plain, madeAt } = object
  const exact = String(Math.max(0, Math.round(time - madeAt)))
  const headers = ['age', age(object, time), exactAgeHeader, exact, ...plain.headers]
  exchange.send(200, headers, exchange.isHead ? null : plain.body, lend(object))
  return exchange.isHead ? 0 : plain.body.length
}

/** Undefined when it is the whole after all. */
function sendLess(exchange: Exchange, object: MediaObject, form: Form, time: number): number | undefined {
  const { range, 'if-none-match': ifNoneMatch } = exchange.headers
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, form.etag)) {
    exchange.send(304, ['age', age(object, time), ...withoutLength(form)], null)
    return 0
  }
  return range === undefined || exchange.isHead ? undefined : sendRange(exchange, object, form, range, time)
}

const age = ({ madeAt }: MediaObject, time: number) => String(ageOf(madeAt, time))
/** Length is the last field of a form. */
const withoutLength = ({ headers }: Form) => headers.slice(0, -2)

/** Ranges are of media alone: playlists are small and change. Undefined where the whole is to be sent. */
function sendRange(exchange: Exchange, object: MediaObject, form: Form, range: string, time: number) {
  const condition = exchange.headers['if-range']
  if (!form.headers.includes('accept-ranges')) return undefined
  if (condition !== undefined && condition !== form.etag) return undefined
  const part = readByteRange(range, object.length)
  if (part === undefined) return undefined
  if (part === 'unsatisfiable') {
    exchange.send(
      416,
      [...plainHeaders, 'content-range', `bytes */${object.length}`, 'content-length', '0'],
      null,
    )
    return 0
  }
  const { first, last } = part
  const length = last - first + 1
  const extent = [
    'content-range',
    `bytes ${first}-${last}/${object.length}`,
    'content-length',
    String(length),
  ]
  exchange.send(
    206,
    ['age', age(object, time), ...withoutLength(form), ...extent],
    form.body.subarray(first, last + 1),
    lend(object),
  )
  return length
}

/** Answers with a failure: small, and never to be kept by anybody on the way. */
export function sendFailure(exchange: Exchange, failure: Failure): void {
  const body = `${failure.reason}\n`
  const headers = [...plainHeaders, 'content-length', String(body.length)]
  if (failure.retryAfter !== null) headers.push('retry-after', String(failure.retryAfter))
  exchange.send(failure.status, headers, exchange.isHead ? null : body)
}

/** Of answers in words. */
export const plainHeaders: readonly string[] = [
  ...openHeaders,
  'content-type',
  'text/plain; charset=utf-8',
  'cache-control',
  'no-store',
]
