import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Version of the stored resource in the response; undefined when it has none. */
    version: number | undefined
  }
}

/**
 * Versions of a resource that a client permits to change, from `If-Match`; undefined: any. A version is the
 * time of the last change, ms since the epoch, which rises with each change.
 */
export type Versions = readonly number[] | undefined

/** Maximum number of entity tags of `If-Match` that are read. */
const maxTags = 50

/**
 * Reads the versions of `If-Match` (RFC 9110, section 13.1.1). Only the version in a tag counts, because a
 * request changes what is stored, not figures such as the number of viewers.
 */
export const versionsOf = (ifMatch: string | undefined): Versions =>
  tagsOf(ifMatch)?.flatMap((tag) => {
    const [, version] = /^([\da-z]{1,9})\.[\w-]*$/.exec(tag) ?? []
    return version === undefined ? [] : [Number.parseInt(version, 36)]
  })

/**
 * Reads the strong tags of `If-Match`, without their quotes; undefined: any. Weak ones never match, so they
 * are left out.
 */
export function tagsOf(ifMatch: string | undefined): readonly string[] | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined
  const tags = ifMatch.split(',', maxTags).map((tag) => /^"([^"]*)"$/.exec(tag.trim())?.[1])
  return tags.filter((tag) => tag !== undefined)
}

export const preconditionFailed = () =>
  new Problem(
    'precondition_failed',
    'It was changed since it had the ETag of If-Match: read it again, and repeat the change if it still applies',
  )

/**
 * Adds a strong `ETag` to responses to GET, and to others that contain a resource with `updatedAt`. Responds
 * with 304 to a GET whose `If-None-Match` has the tag (RFC 9110, section 13.1.2). A route may set the header
 * itself.
 */
export function addEntityTags(app: FastifyInstance): void {
  app.decorateReply('version', undefined)
  app.addHook('onRoute', (route) => {
    const { method, schema } = route
    if (method !== 'GET' || schema === undefined) return
    const unchanged = Type.Null({
      description: 'unchanged since the response with the ETag of If-None-Match',
    })
    route.schema = { ...schema, response: { ...(schema.response as object), 304: unchanged } }
  })
  app.addHook('preSerialization', (_request, reply, payload, done) => {
    reply.version = versionIn(payload)
    done(null, payload)
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!isTagged(request, reply, payload)) return done(null, payload)
    const tag = String(reply.getHeader('etag') ?? entityTag(payload, reply.version))
    reply.header('etag', tag)
    if (!isRead(request)) return done(null, payload)
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-cache')
    if (!includesTag(request.headers['if-none-match'], tag)) return done(null, payload)
    reply.code(304)
    // Fastify removes the body of a response to HEAD, after it has set the length.
    if (request.method === 'HEAD') return done(null, payload)
    reply.removeHeader('content-type')
    done(null, null)
  })
}

/** Returns the tag of a response: the version of the resource, if it has one, and a digest of the body. */
function entityTag(body: string | Buffer, version: number | undefined): string {
  const digest = hash('sha256', body, 'base64url').slice(0, 22)
  return version === undefined ? `"${digest}"` : `"${version.toString(36)}.${digest}"`
}

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'

const isTagged = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): payload is string | Buffer =>
  (typeof payload === 'string' || Buffer.isBuffer(payload)) &&
  (isRead(request) ? reply.statusCode === 200 : reply.statusCode < 300 && reply.version !== undefined)

function versionIn(payload: unknown): number | undefined {
  if (typeof payload !== 'object' || payload === null || !('updatedAt' in payload)) return undefined
  return Date.parse(String(payload.updatedAt))
}

/** Whether `If-None-Match` has a tag. Weak tags count, because a proxy may have made it weak. */
const includesTag = (header: string | undefined, tag: string): boolean =>
  header?.split(',').some((each) => ['*', tag, `W/${tag}`].includes(each.trim())) ?? false
