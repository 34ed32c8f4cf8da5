import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import type { ClusterKeys } from '../../core/process/cluster-keys.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'
import { type AuditSubjects, recordActions } from '../access/audit-trail.ts'
import { createAuthentication } from '../access/authentication.ts'
import { requirePermissions } from '../access/authorisation.ts'
import { createSessionCookies } from '../access/session-cookie.ts'
import { createKeySeal } from '../channels/key-seal.ts'
import { createAdminAuth, createFailedAttempts } from '../http/admin-auth.ts'
import type { PublicUrls } from '../http/public-urls.ts'
import type { SessionService } from '../sessions/session-service.ts'
import type { Store } from '../store/store.ts'
import { createAccountService } from './account-service.ts'
import { createAccountSweep } from './account-sweep.ts'
import { createAccountViews } from './account-view.ts'
import { createApiTokenService } from './api-token-service.ts'
import { offerFirstAccount, withdrawFirstAccount } from './first-account.ts'
import { createJoinService, type SignUpMode } from './join-service.ts'
import { createPasswords } from './passwords.ts'
import { createSecondFactor } from './second-factor.ts'
import { createSignInAttempts } from './sign-in-attempts.ts'
import { createSignInService } from './sign-in-service.ts'

export interface AccountPartsDependencies {
  store: Store
  redis: Redis
  secrets: Pick<ClusterKeys, 'passwordKey' | 'browserKey'> & {
    adminToken: string
    clusterSecret: string
  }
  proxies: TrustedProxies | undefined
  urls: PublicUrls
  settings: { publicUrl: string | undefined; signUp: SignUpMode; dataDir: string }
  sessions: Pick<SessionService, 'channelIdOf'>
  log: Log
}

export type AccountParts = Awaited<ReturnType<typeof openAccountParts>>

/**
 * Creates everything about accounts: their services, and the guard of the API. While there is no account,
 * writes the link that creates the first one.
 */
export async function openAccountParts(dependencies: AccountPartsDependencies) {
  const { store, redis, secrets, proxies, urls, settings, log } = dependencies
  const { accounts, signIns, apiTokens, links, audit, channels } = store
  const cookies = createSessionCookies({ ...settings, proxies, browserKey: secrets.browserKey })
  const passwords = createPasswords(secrets.passwordKey)
  const views = createAccountViews({ accounts, channels })
  const attempts = createSignInAttempts(redis)
  const secondFactor = createSecondFactor({
    accounts,
    seal: createKeySeal(secrets.clusterSecret, 'nowcast second factors'),
    log,
  })
  const join = createJoinService({
    accounts,
    links,
    channels,
    passwords,
    attempts,
    urls,
    signUp: settings.signUp,
    onFirstAccount: () => withdrawFirstAccount(settings.dataDir),
    log,
  })
  await offerFirstAccount({ accounts, links, urls, dataDir: settings.dataDir, log })
  const sweep = createAccountSweep({ signIns, apiTokens, audit, log })

  return {
    cookies,
    views,
    secondFactor,
    audit,
    join,
    signIn: createSignInService({ accounts, signIns, passwords, attempts, secondFactor, log }),
    accounts: createAccountService({ accounts, links, signIns, channels, passwords, views, log }),
    tokens: createApiTokenService({ apiTokens, channels, log }),
    close: () => sweep.close(),

    /** Makes the routes that are registered after it check permissions and write the audit log. */
    guard(app: FastifyInstance): void {
      const requireAdmin = createAdminAuth(secrets.adminToken, createFailedAttempts(), proxies)
      const authenticate = createAuthentication({ requireAdmin, cookies, accounts, signIns, apiTokens })
      requirePermissions(app, {
        authenticate,
        cookies,
        clientOf: ({ ip, headers }: FastifyRequest) => proxies?.clientOf(ip, headers) ?? ip,
        channelIdOf: async (slug) => (await channels.bySlug(slug))?.id,
        channelIdOfSession: dependencies.sessions.channelIdOf,
      })
      recordActions(app, { audit, subjects: subjectsOf(store), log })
    },
  }
}

/** Returns the readers of what the audit log shows as changed. */
function subjectsOf({ channels, accounts, apiTokens, links }: Store): AuditSubjects {
  return {
    async channel(slug) {
      const channel = await channels.bySlug(slug)
      if (channel === undefined) return undefined
      const { id, title, latency, takeover, graceMs, priority, enabled, playback, slate } = channel
      const traits = { id, title, latency, takeover, graceMs, priority, enabled, playback }
      return { ...traits, slate: slate?.sha256 ?? null }
    },
    async account(id) {
      const account = await accounts.byId(id)
      if (account === undefined) return undefined
      const { email, name, role, disabled, totp } = account
      const hasSecondFactor = totp !== null
      return { email, name, role, disabled, hasSecondFactor, channels: await accounts.grantsOf(id) }
    },
    async token(id) {
      const token = await apiTokens.byId(id)
      if (token === undefined) return undefined
      const { accountId, name, scopes, channels, expiresAt, revokedAt } = token
      return { accountId, name, scopes, channels, expiresAt, revokedAt }
    },
    async invitation(id) {
      const link = await links.byId(id)
      if (link === undefined) return undefined
      const { role, channels, note, expiresAt } = link
      return { role, channels, note, expiresAt }
    },
  }
}
