import type { ChannelView, CreatedChannelView, NewChannel, StreamKeyView } from '../../core/api/channel.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import type { SessionView } from '../../core/api/session.ts'
import { maxSlateBytes } from '../../core/contracts/slate-file.ts'
import { formatBytes } from '../shared/units.ts'

/** A failed call of the API. The console shows `message` to the operator. */
export class ApiError extends Error {
  /**
   * `away`: the manager did not respond; `unauthorized`: the token is wrong or no longer valid; `refused`:
   * the manager refused the request.
   */
  readonly kind: 'away' | 'unauthorized' | 'refused'

  constructor(kind: ApiError['kind'], message: string) {
    super(message)
    this.name = 'ApiError'
    this.kind = kind
  }
}

const timeoutMs = 10_000
/** Time for a call that sends a file. The manager ends an upload earlier. */
const uploadTimeoutMs = 45_000
/** Maximum number of list pages, of 200 channels each, that the console reads. */
const maxPages = 10

export type Api = ReturnType<typeof createApi>

/**
 * Creates the calls of the API. Their URLs are relative to the console's, because a proxy may serve both
 * under any path. Every failed call rejects with an ApiError. The token is sent only in a header, never in a
 * URL.
 */
export function createApi(token: string, request: typeof fetch = fetch) {
  async function call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await send(method, path, body)
    if (response.status === 204) return undefined as Body
    const parsed: unknown = await response.json().catch(() => undefined)
    if (response.ok && parsed !== undefined) return parsed as Body
    throw failureOf(response.status, parsed)
  }

  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const isFile = body instanceof Blob
    const headers = new Headers({ authorization: `Bearer ${token}` })
    // A browser does not know the type of every file. The manager refuses such a file and names the types.
    const type = isFile ? body.type || 'application/octet-stream' : 'application/json'
    if (body !== undefined) headers.set('content-type', type)
    const signal = AbortSignal.timeout(isFile ? uploadTimeoutMs : timeoutMs)
    const init: RequestInit = { method, headers, cache: 'no-store', signal }
    if (body !== undefined) init.body = isFile ? body : JSON.stringify(body)
    return request(`v1${path}`, init).catch(failAsAway)
  }

  /** Gets a file that only the operator may read, which is why the page cannot use its URL. */
  async function download(path: string): Promise<Blob> {
    const response = await send('GET', path)
    if (!response.ok) throw failureOf(response.status, await response.json().catch(() => undefined))
    return response.blob().catch(failAsAway)
  }

  return {
    async channels(): Promise<ChannelView[]> {
      const all: ChannelView[] = []
      let cursor: string | null = null
      for (let page = 0; page < maxPages; page++) {
        const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const { items, nextCursor }: ListPage<ChannelView> = await call('GET', `/channels?limit=200${query}`)
        all.push(...items)
        if (nextCursor === null) break
        cursor = nextCursor
      }
      return all
    },
    sessions: (slug: string) => call<ListPage<SessionView>>('GET', `/sessions?channel=${slug}&limit=10`),
    create: (channel: NewChannel) => call<CreatedChannelView>('POST', '/channels', channel),
    remove: (slug: string) => call<void>('DELETE', `/channels/${slug}`),
    streamKey: (slug: string) => call<StreamKeyView>('GET', `/channels/${slug}/stream-key`),
    rotateKey: (slug: string) => call<StreamKeyView>('POST', `/channels/${slug}/stream-key`),
    slate: (slug: string) => download(`/channels/${slug}/slate`),
    /** Refuses a file beyond the limit itself: the manager would close the connection during the upload. */
    async putSlate(slug: string, file: Blob): Promise<ChannelView> {
      if (file.size > maxSlateBytes)
        throw new ApiError('refused', `A slate has at most 8 MiB; this file has ${formatBytes(file.size)}.`)
      return call('PUT', `/channels/${slug}/slate`, file)
    },
    removeSlate: (slug: string) => call<void>('DELETE', `/channels/${slug}/slate`),
    stop: (sessionId: string) => call<SessionView>('POST', `/sessions/${sessionId}/stop`),
  }
}

function failAsAway(): never {
  throw new ApiError('away', 'The manager does not respond.')
}

const failureOf = (status: number, body: unknown) =>
  new ApiError(
    status === 401 ? 'unauthorized' : 'refused',
    messageOf(status, body as Partial<ProblemBody> | undefined),
  )

/** Returns the message of a problem+json response (RFC 9457): its detail, or else its title. */
function messageOf(status: number, problem: Partial<ProblemBody> | undefined): string {
  const message = [problem?.detail, problem?.title].find((each) => typeof each === 'string' && each !== '')
  return message === undefined
    ? `The manager responded with status ${status}.`
    : `${message}.`.replace(/([.!?])\.$/, '$1')
}
