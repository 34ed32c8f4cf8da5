import type { Channel, NewChannel, Page, Session, StreamKey } from './shapes.ts'

/** A call that failed, in words for the operator. */
export class ApiError extends Error {
  /** `away`: no answer at all; `unauthorized`: the token is not (or no longer) right; `refused`: the manager said no. */
  readonly kind: 'away' | 'unauthorized' | 'refused'

  constructor(kind: ApiError['kind'], message: string) {
    super(message)
    this.name = 'ApiError'
    this.kind = kind
  }
}

const timeoutMs = 10_000
/** The console shows at most so many pages of 200 channels. */
const maxPages = 10

export type Api = ReturnType<typeof createApi>

/** The manager's API with the operator's token, which goes in a header only. Every call rejects with an ApiError. */
export function createApi(token: string, request: typeof fetch = fetch) {
  async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await send(method, path, body)
    if (response.status === 204) return undefined as Answer
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && answer !== undefined) return answer as Answer
    throw new ApiError(response.status === 401 ? 'unauthorized' : 'refused', wordsOf(response.status, answer))
  }

  async function send(method: string, path: string, body: unknown): Promise<Response> {
    const headers = new Headers({ authorization: `Bearer ${token}` })
    if (body !== undefined) headers.set('content-type', 'application/json')
    const init: RequestInit = { method, headers, cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) }
    try {
      return await request(`/v1${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) })
    } catch {
      throw new ApiError('away', 'The manager does not answer.')
    }
  }

  return {
    async channels(): Promise<Channel[]> {
      const all: Channel[] = []
      let cursor: string | null = null
      for (let page = 0; page < maxPages; page++) {
        const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const { items, nextCursor }: Page<Channel> = await call('GET', `/channels?limit=200${query}`)
        all.push(...items)
        if (nextCursor === null) break
        cursor = nextCursor
      }
      return all
    },
    sessions: (slug: string) => call<Page<Session>>('GET', `/sessions?channel=${slug}&limit=10`),
    create: (channel: NewChannel) => call<Channel>('POST', '/channels', channel),
    remove: (slug: string) => call<void>('DELETE', `/channels/${slug}`),
    streamKey: (slug: string) => call<StreamKey>('GET', `/channels/${slug}/stream-key`),
    rotateKey: (slug: string) => call<StreamKey>('POST', `/channels/${slug}/stream-key`),
    stop: (sessionId: string) => call<Session>('POST', `/sessions/${sessionId}/stop`),
  }
}

/** The words of a problem+json answer (RFC 9457): what happened this time, else the title of its kind. */
function wordsOf(status: number, answer: unknown): string {
  const { title, detail } = (answer ?? {}) as { title?: unknown; detail?: unknown }
  const words = [detail, title].find((each) => typeof each === 'string' && each !== '')
  return words === undefined
    ? `The manager answered with status ${status}.`
    : `${words}.`.replace(/([.!?])\.$/, '$1')
}
