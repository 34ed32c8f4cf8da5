import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AuditListPage, AuditQuery, type AuditView } from '../../core/api/account.ts'
import { readProblems } from '../../core/api/problem.ts'
import { auditCursor, readAuditCursor } from '../http/cursor.ts'
import { readListPage } from '../http/list-page.ts'
import type { AuditEntry, AuditStore } from '../store/accounts/audit.ts'

/** Serves `/audit` below the prefix `/v1`. */
export const auditRoutes: FastifyPluginAsyncTypebox<{ audit: Pick<AuditStore, 'page'> }> = async (
  app,
  { audit },
) => {
  app.get(
    '/audit',
    {
      config: { permission: 'audit:read' },
      schema: {
        tags: ['accounts'],
        summary: 'List who changed what, newest first',
        querystring: AuditQuery,
        response: { 200: AuditListPage, ...readProblems('bad_cursor') },
      },
    },
    ({ query: { actor, target, limit = 50, cursor } }) =>
      readListPage(limit, {
        read: (limit) =>
          audit.page({ actor, target }, limit, cursor === undefined ? undefined : readAuditCursor(cursor)),
        itemOf: viewOf,
        cursorAfter: auditCursor,
      }),
  )
}

const viewOf = ({ at, ...entry }: AuditEntry): AuditView => ({ ...entry, at: new Date(at).toISOString() })
