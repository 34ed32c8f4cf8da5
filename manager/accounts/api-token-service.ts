import type { ApiTokenView, CreatedApiTokenView, NewApiTokenRequest } from '../../core/api/account.ts'
import type { ListPage } from '../../core/api/common.ts'
import { newApiTokenId } from '../../core/contracts/ids.ts'
import type { Log } from '../../core/process/log.ts'
import { hashSecret, newApiToken } from '../access/api-token-form.ts'
import { type Permission, permissions } from '../access/permissions.ts'
import { type Principal, reaches, reachOf } from '../access/principal.ts'
import { channelNotFound } from '../channels/find-channel.ts'
import { readListPage } from '../http/list-page.ts'
import { Problem } from '../http/problem.ts'
import type { ApiToken, ApiTokenStore } from '../store/accounts/api-tokens.ts'
import type { ChannelStore } from '../store/channels.ts'

export interface ApiTokenServiceDependencies {
  apiTokens: ApiTokenStore
  channels: Pick<ChannelStore, 'bySlug'>
  log: Log
}

const dayMs = 24 * 3_600_000
const defaultDays = 90
/** Maximum number of valid tokens of an account, and of the operator. */
const maxTokens = 100

export type ApiTokenService = ReturnType<typeof createApiTokenService>

/**
 * Creates the operations of `/v1/tokens`. Methods reject with a Problem, which becomes the response. People
 * have their own tokens; the operator, with the admin token, has tokens without an account, and sees all.
 */
export function createApiTokenService({ apiTokens, channels, log }: ApiTokenServiceDependencies) {
  const seesAll = ({ role }: Principal) => permissions['accounts:read'].roles.includes(role as 'owner')

  /** Returns a token that the principal may see. @throws Problem `token_not_found` */
  async function find(principal: Principal, id: string): Promise<ApiToken> {
    const token = await apiTokens.byId(id)
    if (token && (seesAll(principal) || token.accountId === principal.accountId)) return token
    throw new Problem('token_not_found', `No token has the id ${id}`)
  }

  return {
    /**
     * Creates a token. It can never do more than its account can at the time of a request.
     * @throws Problem `channel_not_found`, `too_many_tokens`; `forbidden` for a scope beyond the own role
     */
    async create(principal: Principal, request: NewApiTokenRequest): Promise<CreatedApiTokenView> {
      const { name, scopes, channels: slugs, expiresInDays = defaultDays } = request
      requireOwnScopes(principal, scopes)
      const reach = reachOf(principal, 'channels:read')
      const channelIds =
        slugs &&
        (await Promise.all(
          slugs.map(async (slug) => {
            const channel = await channels.bySlug(slug)
            if (channel && reaches(reach, channel.id)) return channel.id
            throw channelNotFound(slug)
          }),
        ))
      const secret = newApiToken(principal.accountId === null ? 'svc' : 'pat')
      const now = Date.now()
      const token: ApiToken = {
        id: newApiTokenId(),
        accountId: principal.accountId,
        name,
        scopes: [...scopes],
        channels: channelIds ?? null,
        createdAt: now,
        expiresAt: expiresInDays === null ? null : now + expiresInDays * dayMs,
        usedAt: null,
        usedFrom: null,
        revokedAt: null,
      }
      if (!(await apiTokens.add({ ...token, secretHash: hashSecret(secret) }, maxTokens)))
        throw new Problem('too_many_tokens', `${maxTokens} tokens are valid; revoke some first`)
      log.info({ tokenId: token.id, scopes }, 'API token created')
      return { ...viewOf(token), token: secret }
    },

    list: (
      principal: Principal,
      limit: number,
      cursor: string | undefined,
    ): Promise<ListPage<ApiTokenView>> => {
      const only = seesAll(principal) ? undefined : (principal.accountId ?? '')
      return readListPage(limit, {
        read: (limit) => apiTokens.page(only, limit, cursor),
        itemOf: viewOf,
        cursorAfter: ({ id }) => id,
      })
    },

    /** Revokes a token. It is refused from the next request on. @throws Problem `token_not_found` */
    async revoke(principal: Principal, id: string): Promise<void> {
      await find(principal, id)
      await apiTokens.revoke(id, Date.now())
      log.info({ tokenId: id }, 'API token revoked')
    },
  }
}

/** @throws Problem `forbidden` when no permission with such a scope can be the principal's */
function requireOwnScopes({ role, grants }: Principal, scopes: NewApiTokenRequest['scopes']): void {
  const held = new Set([role, ...grants.map((grant) => grant.role)])
  const names = Object.keys(permissions) as Permission[]
  for (const scope of scopes) {
    const roles = names
      .filter((name) => permissions[name].scope === scope)
      .flatMap((name) => permissions[name].roles)
    if (!roles.some((each) => held.has(each)))
      throw new Problem('forbidden', `The role ${role} does not permit ${scope}`)
  }
}

const timeOf = (at: number | null) => (at === null ? null : new Date(at).toISOString())

const viewOf = (token: ApiToken): ApiTokenView => ({
  id: token.id,
  accountId: token.accountId,
  name: token.name,
  scopes: token.scopes,
  channelIds: token.channels,
  createdAt: new Date(token.createdAt).toISOString(),
  expiresAt: timeOf(token.expiresAt),
  usedAt: timeOf(token.usedAt),
  usedFrom: token.usedFrom,
  revokedAt: timeOf(token.revokedAt),
})
