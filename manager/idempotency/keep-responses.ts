import { createHash, randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { addProblems } from '../../core/api/problem.ts'
import { createPoll, type Poll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { type KeySeal, SealBroken } from '../channels/key-seal.ts'
import type { PrincipalOf } from '../http/api-rate.ts'
import { Problem } from '../http/problem.ts'
import type { FormerRun, KeptResponseStore, KeyedRun } from '../store/kept-responses.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False on a POST route whose responses must not be kept, although they have a principal. */
    idempotency?: false
  }
}

export interface KeptResponsesDependencies {
  store: Pick<KeptResponseStore, 'begin' | 'keep' | 'free'>
  /** Bodies are sealed, because they contain stream keys and tokens. */
  seal: KeySeal
  principalOf: PrincipalOf
  log: Pick<Log, 'warn'>
}

/** Time for which a response is kept, ms. */
const keptMs = 24 * 3_600_000
/**
 * Time for which a request that has no response yet keeps others with its key from being handled, ms. It is
 * longer than any request takes, and short enough for clients that repeat a request after a crash.
 */
const leaseMs = 60_000
/** Maximum length of a body that is kept, characters. */
const maxBodyLength = 65_536
/** Maximum number of responses that are kept. The oldest are removed first. */
const maxKept = 20_000
/** Maximum number of rows that one statement removes. */
const sweepBatch = 500
/** Time between two sweeps, ms. */
const sweepEveryMs = 60_000
/** Time between two batches of one sweep, ms. */
const sweepPauseMs = 200
/** Headers that are kept with a response. */
const keptHeaders = ['content-type', 'location', 'etag']

const keyName = 'idempotency-key'
const KeyHeader = Type.Optional(
  Type.String({
    pattern: '^[!-~]{1,255}$',
    description:
      'any text that names this request: a repetition within 24 h gets the response to the first one, with `Idempotent-Replayed: true`',
  }),
)

/**
 * Makes all POST routes of a plugin accept `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).
 * The first request with a key is handled, and its response is kept if it is a success; others changed
 * nothing, so that the request may be repeated. A repetition gets the same response. Keys of different
 * principals are different keys; without a principal the header has no effect.
 */
export function keepResponses(app: FastifyInstance, dependencies: KeptResponsesDependencies): void {
  const { store, seal, principalOf, log } = dependencies
  const runs = new WeakMap<FastifyRequest, KeyedRun>()

  async function begin(request: FastifyRequest, reply: FastifyReply) {
    const { [keyName]: key } = request.headers
    const principal = principalOf(request)
    if (typeof key !== 'string' || principal === undefined) return
    const run = { principal, key, fingerprint: fingerprintOf(request), id: randomUUID() }
    const now = Date.now()
    const former = await store.begin(run, now, now + leaseMs)
    if (former === undefined) return void runs.set(request, run)
    if (former.fingerprint !== run.fingerprint)
      throw keyReused('It was used for a request with another content')
    if (former.status === null)
      throw new Problem('idempotency_key_in_use', 'Try again in 1 s', { retryAfterSeconds: 1 })
    return replay(reply, former)
  }

  function replay(reply: FastifyReply, former: FormerRun): FastifyReply {
    const body = former.body === null ? '' : openBody(former, former.body)
    const headers = JSON.parse(former.headers ?? '{}') as Record<string, string>
    reply.code(former.status ?? 200).headers({ ...headers, 'idempotent-replayed': 'true' })
    return reply.send(body === '' ? null : body)
  }

  function openBody(run: KeyedRun, sealed: string): string {
    try {
      return seal.open(sealed, ownerOf(run))
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error
      throw keyReused('Its response was sealed with another cluster secret. Use another key')
    }
  }

  async function end(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
    const run = runs.get(request)
    if (run === undefined) return payload
    runs.delete(request)
    const body = payload ?? ''
    const isKept = reply.statusCode < 300 && typeof body === 'string' && body.length <= maxBodyLength
    const sealed = isKept ? { body: seal.seal(body, ownerOf(run)) } : undefined
    try {
      if (sealed === undefined) await store.free(run)
      else
        await store.keep(
          run,
          { status: reply.statusCode, headers: headersOf(reply), ...sealed },
          Date.now() + keptMs,
        )
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'response not kept for its idempotency key')
    }
    return payload
  }

  app.addHook('onRoute', (route) => {
    if (route.method !== 'POST' || route.config?.idempotency === false) return
    const { headers, response } = (route.schema ?? {}) as { headers?: object; response?: object }
    const properties = headers !== undefined && 'properties' in headers ? headers.properties : {}
    route.schema = {
      ...route.schema,
      headers: Type.Object({ ...(properties as object), [keyName]: KeyHeader }),
      response: addProblems(response, 'idempotency_key_in_use', 'idempotency_key_reused'),
    }
    route.preHandler = [...[route.preHandler ?? []].flat(), begin]
    route.onSend = [...[route.onSend ?? []].flat(), end]
  })
}

const keyReused = (detail: string) => new Problem('idempotency_key_reused', detail)

/** Returns what a sealed body belongs to, so that it cannot be moved to another key. */
const ownerOf = ({ principal, key, fingerprint }: KeyedRun) => [fingerprint, principal, key].join('\n')

/** Returns the SHA-256 of the method, the URL and the body of a request. */
function fingerprintOf({ method, url, body }: FastifyRequest): string {
  const digest = createHash('sha256').update(`${method} ${url}\n`)
  return digest.update(Buffer.isBuffer(body) ? body : (JSON.stringify(body) ?? '')).digest('base64url')
}

const headersOf = (reply: FastifyReply): string =>
  JSON.stringify(
    Object.fromEntries(
      keptHeaders.flatMap((name) => {
        const value = reply.getHeader(name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  )

/** Starts to remove old idempotency keys in small batches. Several managers may do so at the same time. */
export function createKeySweep(keys: Pick<KeptResponseStore, 'sweep'>, log: Log): Poll {
  const poll: Poll = createPoll(
    async () => {
      try {
        const removed = await keys.sweep(Date.now(), maxKept, sweepBatch)
        if (removed >= sweepBatch) poll.soon()
      } catch (error) {
        log.warn({ err: messageOf(error) }, 'idempotency keys not swept')
      }
    },
    { everyMs: sweepEveryMs, gapMs: sweepPauseMs },
  )
  return poll
}
