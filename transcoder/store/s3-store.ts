import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { isSessionId } from '../../core/contracts/id-patterns.ts'
import { maxListed, maxObjectBytes, type SegmentStore, StoreError } from './segment-store.ts'
import { parseKey, type StoreKey } from './store-key.ts'
import type { S3Access } from './store-place.ts'

export interface S3StoreOptions {
  access: S3Access
  bucket: string
  /** Beginning of all keys: empty, or ends with a slash. */
  prefix: string
  /** Number of names in one response to a list; tests replace it. */
  pageSize?: number
}

interface Request {
  method: 'GET' | 'PUT' | 'DELETE'
  /** Path in the bucket, which is safe in a URL as it is. */
  path: string
  query?: Record<string, string>
  body?: Buffer<ArrayBuffer>
}

/**
 * Keeps segments in a bucket of an object store that has the protocol of S3. Addresses have the bucket in
 * the path, because not every store has a host name for each bucket. Nothing is repeated here.
 */
export function createS3Store({ access, bucket, prefix, pageSize = 1000 }: S3StoreOptions): SegmentStore {
  const { endpoint, ...credentials } = access
  const client = new AwsClient({ ...credentials, service: 's3', retries: 0 })
  const pathOf = (key: StoreKey) => `${prefix}${key}`

  /** Sends a request. Returns undefined when there is no such object. Rejects unless the response is 2xx. */
  async function send(
    { method, path, query = {}, body }: Request,
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    try {
      const search = new URLSearchParams(query).toString()
      const url = `${endpoint}/${bucket}/${path}${search === '' ? '' : `?${search}`}`
      const upload = body && { body, headers: headersOf(body) }
      const request = await client.sign(url, { method, ...upload })
      const response = await fetch(request, { signal, redirect: 'manual' })
      if (response.ok) return response
      const text = await response.text()
      const code = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text)?.[1]
      if (response.status === 404 && code === 'NoSuchKey') return undefined
      throw new StoreError(`the object store responds ${response.status}${code ? ` ${code}` : ''}`)
    } catch (error) {
      throw faultOf(error)
    }
  }

  /** Returns the body of a response. Rejects when it is larger than an object may be. */
  async function bodyOf(response: Response): Promise<Buffer> {
    if (Number(response.headers.get('content-length')) > maxObjectBytes)
      throw new StoreError('the object is too large')
    try {
      return Buffer.from(await response.arrayBuffer())
    } catch (error) {
      throw faultOf(error)
    }
  }

  /** Returns what `expression` matches in the pages of a list. */
  async function listAll(query: Record<string, string>, expression: RegExp, signal: AbortSignal) {
    const found: string[] = []
    let token: string | undefined
    do {
      const more = token === undefined ? {} : { 'continuation-token': token }
      const page = { 'list-type': '2', 'max-keys': String(pageSize), ...query, ...more }
      const response = await send({ method: 'GET', path: '', query: page }, signal)
      const text = String(response && (await bodyOf(response)))
      for (const [, name = ''] of text.matchAll(expression)) found.push(name.slice(prefix.length))
      token = /<NextContinuationToken>([^<]+)</.exec(text)?.[1]?.replaceAll('&amp;', '&')
    } while (token !== undefined && found.length < maxListed)
    return found
  }

  return {
    kind: 's3',
    async put(key, pieces, signal) {
      const response = await send({ method: 'PUT', path: pathOf(key), body: Buffer.concat(pieces) }, signal)
      await response?.body?.cancel()
    },
    async get(key, signal) {
      const response = await send({ method: 'GET', path: pathOf(key) }, signal)
      return response && bodyOf(response)
    },
    async remove(key, signal) {
      const response = await send({ method: 'DELETE', path: pathOf(key) }, signal)
      await response?.body?.cancel()
    },
    async list(sessionId, signal) {
      const names = await listAll({ prefix: `${prefix}${sessionId}/` }, /<Key>([^<]+)<\/Key>/g, signal)
      return names.flatMap((name) => parseKey(name) ?? [])
    },
    async sessions(signal) {
      const query = { delimiter: '/', ...(prefix === '' ? {} : { prefix }) }
      const names = await listAll(query, /<CommonPrefixes><Prefix>([^<]+)\/<\/Prefix>/g, signal)
      return names.filter(isSessionId)
    },
    async forget() {},
  }
}

const headersOf = (body: Buffer) => ({
  'content-type': 'application/octet-stream',
  'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
})

/** Returns the error for a request that failed, in words that show neither its URL nor its header. */
function faultOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const { name, cause } = error as Error
  if (name === 'TimeoutError') return new StoreError('the object store does not respond in time')
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return new StoreError(`the object store is not reachable (${code ?? name})`)
}
