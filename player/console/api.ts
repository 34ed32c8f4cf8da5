import type { ChannelView, CreatedChannelView, NewChannel, StreamKeyView } from '../../core/api/channel.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import type { SessionView } from '../../core/api/session.ts'

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
    const kind = response.status === 401 ? 'unauthorized' : 'refused'
    throw new ApiError(kind, messageOf(response.status, parsed as Partial<ProblemBody> | undefined))
  }

  async function send(method: string, path: string, body: unknown): Promise<Response> {
    const headers = new Headers({ authorization: `Bearer ${token}` })
    if (body !== undefined) headers.set('content-type', 'application/json')
    const init: RequestInit = { method, headers, cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) }
    try {
      return await request(`v1${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) })
    } catch {
      throw new ApiError('away', 'The manager does not respond.')
    }
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
    stop: (sessionId: string) => call<SessionView>('POST', `/sessions/${sessionId}/stop`),
  }
}

/** Returns the message of a problem+json response (RFC 9457): its detail, or else its title. */
function messageOf(status: number, problem: Partial<ProblemBody> | undefined): string {
  const message = [problem?.detail, problem?.title].find((each) => typeof each === 'string' && each !== '')
  return message === undefined
    ? `The manager responded with status ${status}.`
    : `${message}.`.replace(/([.!?])\.$/, '$1')
}
