import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { newAuditId } from '../../core/contracts/ids.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { AuditEntry, AuditStore } from '../store/accounts/audit.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What an audited request is about, before it is carried out; null when that is not known. */
    auditSubject: Fields | null
    /** Id of what the request is about, where its path does not have it; empty: unknown. */
    auditKey: string
  }
}

type Fields = Record<string, unknown>

/** Reads the fields of things that requests change, by the noun of the action. They contain no secrets. */
export type AuditSubjects = Record<string, (key: string) => Promise<Fields | undefined>>

export interface AuditTrailDependencies {
  audit: Pick<AuditStore, 'add'>
  subjects: AuditSubjects
  log: Log
}

/** Maximum length of a value in the log, characters of JSON. */
const maxValueLength = 500

/**
 * Records the requests of routes that name an action, such as `channel.change`: who sent them, from where,
 * and which fields they changed. Refused requests change nothing and are not recorded. The line is written
 * before the response is sent. A line that cannot be written is logged, and the response is sent anyway: what
 * it reports has happened.
 */
export function recordActions(app: FastifyInstance, { audit, subjects, log }: AuditTrailDependencies): void {
  const read = async (action: string, key: string | undefined): Promise<Fields | null> =>
    (key === undefined ? undefined : await subjects[nounOf(action)]?.(key)) ?? null

  app.decorateRequest('auditSubject', null)
  app.decorateRequest('auditKey', '')
  app.addHook('preHandler', (request, _reply, done) => {
    const { audit: action } = request.routeOptions.config
    if (action === undefined) return done()
    read(action, keyOf(request)).then((subject) => {
      request.auditSubject = subject
      done()
    }, done)
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    const { audit: action } = request.routeOptions.config
    const { statusCode: status } = reply
    // A response with 5xx may report a change that was stored but is not in effect yet.
    const isChange = status < 400 || status >= 500
    // A repeated response, by an idempotency key, reports what was recorded before.
    if (action === undefined || !isChange || reply.hasHeader('idempotent-replayed')) done(null, payload)
    else void record(action, request, reply).then(() => done(null, payload))
  })

  async function record(action: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const key = request.auditKey || (keyOf(request) ?? createdBy(reply.getHeader('location')))
    try {
      const after = await read(action, key)
      await audit.add({
        ...entryOf(request),
        action,
        target: `${nounOf(action)}/${key ?? '-'}`,
        status: reply.statusCode,
        ...changeOf(request.auditSubject, after),
      })
    } catch (error) {
      log.error({ action, err: messageOf(error) }, 'audit line not written')
    }
  }
}

const nounOf = (action: string) => action.split('.', 1)[0] ?? ''

/** Returns the slug or id in the path of a request. */
function keyOf({ params }: FastifyRequest): string | undefined {
  const { slug, id } = params as { slug?: string; id?: string }
  return slug ?? id
}

/** Returns the last part of the path of something that was created. */
const createdBy = (location: unknown) =>
  typeof location === 'string' ? location.slice(location.lastIndexOf('/') + 1) : undefined

function entryOf({
  principal,
  id,
  client,
}: FastifyRequest): Omit<AuditEntry, 'action' | 'target' | 'before' | 'after' | 'status'> {
  return {
    id: newAuditId(),
    at: Date.now(),
    actor: principal.id,
    actorName: principal.name,
    tokenId: principal.token?.id ?? null,
    requestId: id,
    address: client,
  }
}

/** Returns the fields that differ, with the values before and after. */
function changeOf(before: Fields | null, after: Fields | null): Pick<AuditEntry, 'before' | 'after'> {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  const changed = [...names].filter(
    (name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]),
  )
  const pick = (fields: Fields | null) =>
    fields === null || changed.length === 0
      ? null
      : Object.fromEntries(changed.map((name) => [name, shortened(fields[name] ?? null)]))
  return { before: pick(before), after: pick(after) }
}

const shortened = (value: unknown) => {
  const json = JSON.stringify(value)
  return json.length <= maxValueLength ? value : `${json.slice(0, maxValueLength)}…`
}
