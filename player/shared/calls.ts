import type { ProblemBody, ProblemCode } from '../../core/api/problem.ts'

/** A failed call of the API. Pages show `message` to people. */
export class ApiError extends Error {
  /**
   * `away`: the manager did not respond; `unauthorized`: the sign-in or the token is wrong or no longer
   * valid; `unconfirmed`: the password must be entered again; `code`: signing in needs a code too;
   * `refused`: the manager refused the request.
   */
  readonly kind: 'away' | 'unauthorized' | 'unconfirmed' | 'code' | 'refused'

  constructor(kind: ApiError['kind'], message: string) {
    super(message)
    this.name = 'ApiError'
    this.kind = kind
  }
}

export interface CallOptions {
  /** Token for the header; undefined: the browser sends the cookie of the sign-in. */
  token?: string | undefined
  /** URL of the API, relative to the page, because a proxy may serve both under any path. */
  base?: string
  request?: typeof fetch
  /** Asks for the password when a call needs it again. Resolves with whether it was entered. */
  confirm?: () => Promise<boolean>
}

const timeoutMs = 10_000
/** Time for a call that sends a file. The manager ends an upload earlier. */
const uploadTimeoutMs = 45_000

export type Calls = ReturnType<typeof createCalls>

/**
 * Creates the means to call the API. Every failed call rejects with an ApiError. A token is sent only in a
 * header, never in a URL.
 */
export function createCalls({ token, base = 'v1', request = fetch, confirm }: CallOptions) {
  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const isFile = body instanceof Blob
    const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` })
    // A browser does not know the type of every file. The manager refuses such a file and names the types.
    const type = isFile ? body.type || 'application/octet-stream' : 'application/json'
    if (body !== undefined) headers.set('content-type', type)
    const signal = AbortSignal.timeout(isFile ? uploadTimeoutMs : timeoutMs)
    const init: RequestInit = { method, headers, cache: 'no-store', signal }
    if (body !== undefined) init.body = isFile ? body : JSON.stringify(body)
    const response = await request(`${base}${path}`, init).catch(failAsAway)
    if (response.ok) return response
    throw failureOf(response.status, await response.json().catch(() => undefined))
  }

  /** Sends a call, and once more when the password was entered in between. */
  async function sendConfirmed(method: string, path: string, body?: unknown): Promise<Response> {
    try {
      return await send(method, path, body)
    } catch (error) {
      const isUnconfirmed = error instanceof ApiError && error.kind === 'unconfirmed'
      if (!isUnconfirmed || confirm === undefined || !(await confirm())) throw error
      return send(method, path, body)
    }
  }

  return {
    async call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
      const response = await sendConfirmed(method, path, body)
      if (response.status === 204) return undefined as Body
      const parsed: unknown = await response.json().catch(() => undefined)
      if (parsed === undefined) throw failureOf(response.status, undefined)
      return parsed as Body
    },

    /** Gets a file that only some may read, which is why the page cannot use its URL. */
    async download(path: string): Promise<Blob> {
      const response = await sendConfirmed('GET', path)
      return response.blob().catch(failAsAway)
    },
  }
}

function failAsAway(): never {
  throw new ApiError('away', 'The manager does not respond.')
}

/** Kinds of failures by the codes of problems. Any other one follows from the status. */
const kinds: Partial<Record<ProblemCode, ApiError['kind']>> = {
  sign_in_again: 'unconfirmed',
  second_factor_required: 'code',
  sign_in_failed: 'refused',
}

function failureOf(status: number, body: unknown): ApiError {
  const problem = body as Partial<ProblemBody> | undefined
  const kind = problem?.code && kinds[problem.code]
  return new ApiError(kind ?? (status === 401 ? 'unauthorized' : 'refused'), messageOf(status, problem))
}

/** Returns the message of a problem+json response (RFC 9457): its detail, or else its title. */
function messageOf(status: number, problem: Partial<ProblemBody> | undefined): string {
  const message = [problem?.detail, problem?.title].find((each) => typeof each === 'string' && each !== '')
  return message === undefined
    ? `The manager responded with status ${status}.`
    : `${message}.`.replace(/([.!?])\.$/, '$1')
}
