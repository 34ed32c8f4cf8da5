import type { FastifyInstance } from 'fastify'
import type { TrustedProxies } from '../core/connections/trusted-proxies.ts'
import type { ReadyCheck } from '../core/process/http-server.ts'
import type { Registry } from '../core/process/metrics.ts'
import { accountedTo } from './access/authorisation.ts'
import type { AccountParts } from './accounts/account-parts.ts'
import type { ChannelService } from './channels/channel-service.ts'
import type { StreamKeyService } from './channels/stream-key-service.ts'
import type { HealthService } from './coach/health-service.ts'
import { createApiRate, type PrincipalOf } from './http/api-rate.ts'
import { announceDeprecations } from './http/deprecation.ts'
import { addEntityTags } from './http/entity-tag.ts'
import { linkNextPages } from './http/links.ts'
import { createRequestRate } from './http/request-rate.ts'
import { type KeptResponsesDependencies, keepResponses } from './idempotency/keep-responses.ts'
import { measureRequests } from './metrics.ts'
import type { TokenService } from './playback/token-service.ts'
import { accountRoutes } from './routes/accounts.ts'
import { apiTokenRoutes } from './routes/api-tokens.ts'
import { auditRoutes } from './routes/audit.ts'
import { channelRoutes } from './routes/channels.ts'
import { type CoachDependencies, coachRoutes } from './routes/coach.ts'
import { type EventRouteDependencies, eventRoutes } from './routes/events.ts'
import { joinRoutes } from './routes/join.ts'
import { healthRoutes, registerDocs } from './routes/meta.ts'
import { type PageDependencies, pageRoutes } from './routes/pages.ts'
import { playbackTokenRoutes } from './routes/playback-tokens.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { type SlateFileDependencies, slateFileRoutes, slateRoutes } from './routes/slates.ts'
import { type SteeringDependencies, steeringRoutes } from './routes/steering.ts'
import { streamKeyRoutes } from './routes/stream-keys.ts'
import { totpRoutes } from './routes/totp.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import type { SessionService } from './sessions/session-service.ts'
import type { SlateService } from './slates/slate-service.ts'
import type { WebhookService } from './webhooks/webhook-service.ts'

/** The application services, one for each group of routes below `/v1`. */
export interface Services {
  channels: ChannelService
  streamKeys: StreamKeyService
  slates: SlateService
  tokens: TokenService
  sessions: SessionService
  health: HealthService
  webhooks: WebhookService
}

export interface AppDependencies {
  accounts: AccountParts
  proxies: TrustedProxies | undefined
  services: Services
  pages: PageDependencies
  coach: Omit<CoachDependencies, 'playerDir' | 'health'>
  steering: SteeringDependencies
  slateFiles: SlateFileDependencies
  keptResponses: Omit<KeptResponsesDependencies, 'principalOf'>
  events: EventRouteDependencies
  metrics: Registry
  isReady: ReadyCheck
  /** Maximum number of requests outside of the API that a client may send per second; 0: no limit. */
  maxRequestsPerAddress: number
  /** Maximum number of requests to the API per minute and principal; 0: no limit. */
  maxApiRequests: number
  /** Address at which `/metrics` responds; elsewhere it is 404. */
  internalHost: string
}

/**
 * Registers all routes. Those below `/v1` each require a permission. Pages, steering, documentation and
 * health are open to every client, metrics to those that reach the internal address, and the files of slates
 * to transcoders.
 */
export async function addRoutes(app: FastifyInstance, dependencies: AppDependencies): Promise<void> {
  const { accounts, proxies, services, pages, steering, metrics, isReady, internalHost } = dependencies
  measureRequests(app, metrics)
  app.addHook('onRequest', createRequestRate(dependencies.maxRequestsPerAddress, { proxies }))
  await registerDocs(app, pages.urls.managerUrls)
  await app.register(healthRoutes, { metrics, isReady, internalHost })
  await app.register(pageRoutes, pages)
  const { playerDir } = pages
  await app.register(coachRoutes, { ...dependencies.coach, playerDir, health: services.health })
  await app.register(steeringRoutes, steering)
  await app.register(slateFileRoutes, dependencies.slateFiles)
  await app.register(
    async (v1) => {
      accounts.guard(v1)
      addHabits(v1, dependencies, accountedTo)
      await v1.register(channelRoutes, { service: services.channels })
      await v1.register(streamKeyRoutes, { service: services.streamKeys })
      await v1.register(slateRoutes, { service: services.slates })
      await v1.register(playbackTokenRoutes, { service: services.tokens })
      const { views, cookies, secondFactor } = accounts
      const signIn = { service: accounts.signIn, views, cookies }
      await v1.register(signInRoutes, signIn)
      await v1.register(totpRoutes, { secondFactor })
      await v1.register(joinRoutes, { ...signIn, join: accounts.join })
      await v1.register(accountRoutes, { service: accounts.accounts, join: accounts.join, secondFactor })
      await v1.register(apiTokenRoutes, { service: accounts.tokens })
      await v1.register(auditRoutes, { audit: accounts.audit })
      await v1.register(sessionRoutes, { service: services.sessions, health: services.health })
      await v1.register(eventRoutes, dependencies.events)
      await v1.register(webhookRoutes, { service: services.webhooks })
    },
    { prefix: '/v1' },
  )
}

/**
 * Adds what all routes of the API have: a limit of requests, entity tags, links to next pages, idempotency
 * keys, and options of routes. Must be called before the routes are registered, and after the hook of
 * authorisation, because the limit and the keys belong to the principal.
 */
function addHabits(
  v1: FastifyInstance,
  { maxApiRequests, keptResponses }: Pick<AppDependencies, 'maxApiRequests' | 'keptResponses'>,
  principalOf: PrincipalOf,
): void {
  v1.addHook('onRequest', createApiRate(maxApiRequests, principalOf))
  addEntityTags(v1)
  linkNextPages(v1)
  announceDeprecations(v1)
  keepResponses(v1, { ...keptResponses, principalOf })
}
