import type { Operations } from './generated.ts'
import { ProblemError } from './problem-error.ts'
import { type RetryOptions, withRetries } from './retries.ts'

/** Name of a call, such as `GET /v1/channels/{slug}`. */
export type Call = keyof Operations

type ResponseOf<Name extends Call> = Operations[Name]['response']

export interface CallOptions {
  signal?: AbortSignal
  /** Id that the log and the response of the call have; by default the manager makes one. */
  requestId?: string
  /**
   * Names a POST, so that it is carried out once even if it is sent again. By default each call has a new
   * key; false: none, and the call is not repeated after a lost connection.
   */
  idempotencyKey?: string | false
}

/** What a call needs besides its name: parameters in the path and the query, the body, and options. */
export type Input<Name extends Call> = Omit<Operations[Name], 'response'> & CallOptions

/** The last argument of a call, which may be left out when nothing in it is required. */
type InputArguments<Name extends Call> =
  Record<string, never> extends Omit<Operations[Name], 'response'>
    ? [input?: Input<Name>]
    : [input: Input<Name>]

/** A successful response. */
export interface Answer<Body> {
  status: number
  body: Body
  /** For `ifMatch` of a later change. */
  etag: string | undefined
  requestId: string | undefined
  /** Whether the call had been carried out before with the same idempotency key. */
  isReplayed: boolean
}

/** Calls that respond with pages of a list. */
type ListCall = {
  [Name in Call]: ResponseOf<Name> extends { items: readonly unknown[]; nextCursor: string | null }
    ? Name
    : never
}[Call]

type ItemOf<Name extends ListCall> =
  ResponseOf<Name> extends { items: readonly (infer Item)[] } ? Item : never

export interface ClientOptions extends RetryOptions {
  /** URL of the manager, such as `https://tv.example`, also with a path below which a proxy serves it. */
  url: string
  token: string
  /** Maximum time of one attempt, ms; 30 s by default. */
  timeoutMs?: number
  fetch?: typeof fetch
}

export type Client = ReturnType<typeof createClient>

/**
 * Creates a client of the API. A call rejects with a ProblemError when the manager refuses it, and otherwise
 * with the error of `fetch`. A call that may be repeated is: after 429, 503 and lost connections.
 */
export function createClient(options: ClientOptions) {
  const { token, timeoutMs = 30_000, fetch: request = fetch } = options
  const base = options.url.replace(/\/+$/, '')

  /** Sends a call. Resolves with its response. */
  async function send<Name extends Call>(
    name: Name,
    ...[input = {} as Input<Name>]: InputArguments<Name>
  ): Promise<Answer<ResponseOf<Name>>> {
    const [method = '', path = ''] = name.split(' ', 2)
    const { signal, body, ...rest } = input as AnyInput
    const headers = headersOf(method, rest, token)
    if (body instanceof Blob) headers.set('content-type', body.type)
    else if (body !== undefined) headers.set('content-type', 'application/json')
    const init: RequestInit = { method, headers }
    if (body !== undefined) init.body = body instanceof Blob ? body : JSON.stringify(body)
    const url = base + urlOf(path, rest)
    const canRepeat = method !== 'PATCH' && (method !== 'POST' || headers.has('idempotency-key'))
    return withRetries(
      async () => {
        const signals = [AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]
        return answerOf<ResponseOf<Name>>(await request(url, { ...init, signal: AbortSignal.any(signals) }))
      },
      { ...options, canRepeat, signal },
    )
  }

  return {
    send,

    /** Sends a call. Resolves with the body of its response. */
    async call<Name extends Call>(name: Name, ...input: InputArguments<Name>): Promise<ResponseOf<Name>> {
      const { body } = await send(name, ...input)
      return body
    },

    /** Reads a list page by page. Returns its items. */
    async *items<Name extends ListCall>(name: Name, input?: Input<Name>): AsyncGenerator<ItemOf<Name>> {
      let cursor: string | null | undefined
      do {
        const { query, ...rest } = (input ?? {}) as AnyInput
        const page = { ...rest, query: { ...query, ...(cursor == null ? {} : { cursor }) } }
        const { body } = await send(name, ...([page] as unknown as InputArguments<Name>))
        const { items, nextCursor } = body as unknown as { items: ItemOf<Name>[]; nextCursor: string | null }
        yield* items
        cursor = nextCursor
      } while (cursor !== null)
    },
  }
}

/** Input of any call. */
interface AnyInput extends CallOptions {
  path?: Record<string, string>
  query?: Record<string, string | number | boolean | undefined>
  ifMatch?: string
  body?: unknown
}

function headersOf(method: string, input: AnyInput, token: string): Headers {
  const headers = new Headers({ authorization: `Bearer ${token}` })
  const { requestId, ifMatch, idempotencyKey = newKey() } = input
  if (requestId !== undefined) headers.set('x-request-id', requestId)
  if (ifMatch !== undefined) headers.set('if-match', ifMatch)
  if (method === 'POST' && idempotencyKey !== false) headers.set('idempotency-key', idempotencyKey)
  return headers
}

/** Returns 128 random bits. `crypto.randomUUID` is missing in pages without TLS. */
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )

function urlOf(path: string, { path: names = {}, query = {} }: AnyInput): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''))
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given)}`
}

/** Reads a response. @throws ProblemError when it is not a success */
async function answerOf<Body>(response: Response): Promise<Answer<Body>> {
  const { ok, status, headers } = response
  const isJson = /\bjson\b/.test(headers.get('content-type') ?? '')
  if (!ok) throw new ProblemError(response, isJson ? await response.json().catch(() => undefined) : undefined)
  const body: unknown = status === 204 ? undefined : await (isJson ? response.json() : response.blob())
  return {
    status,
    body: body as Body,
    etag: headers.get('etag') ?? undefined,
    requestId: headers.get('x-request-id') ?? undefined,
    isReplayed: headers.get('idempotent-replayed') === 'true',
  }
}
