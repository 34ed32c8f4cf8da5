import { proxySettings, readNetworks } from '../core/connections/proxy-settings.ts'
import { tlsSettings } from '../core/connections/tls-settings.ts'
import { httpUrl, integer, oneOf, type Parse, port, readSettings, text } from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'

export type ManagerSettings = ReturnType<typeof readManagerSettings>

/**
 * Reads the settings of the manager.
 * @throws NowcastError `bad_settings`, with a line that lists every invalid setting
 */
export function readManagerSettings(environment: NodeJS.ProcessEnv = process.env) {
  return readSettings(
    {
      ...sharedSettings,
      ...proxySettings,
      managerPort: port('NOWCAST_MANAGER_PORT', 8080),
      /** Port of the edges. Like `rtmpPort`, it is only used to build URLs. */
      edgePort: port('NOWCAST_EDGE_PORT', 8088),
      /** Set when edges serve HTTPS. The manager only uses it to choose the scheme of their URLs. */
      tlsCert: tlsSettings.tlsCert,
      rtmpPort: port('NOWCAST_RTMP_PORT', 1935),
      adminToken: text('NOWCAST_ADMIN_TOKEN'),
      /** Who may create an account: everyone, those with an invitation, or no one. */
      signUp: oneOf('NOWCAST_SIGN_UP', ['open', 'invitation', 'closed'], 'invitation'),
      /**
       * Limits of the history of ended sessions: maximum age in days, and maximum number per channel; 0: no
       * limit.
       */
      historyDays: integer('NOWCAST_HISTORY_DAYS', 365, 0, 36_500),
      historySessions: integer('NOWCAST_HISTORY_SESSIONS', 10_000, 0, 10_000_000),
      /** Limits of the log of events: maximum age in days, and maximum number; 0: no limit. */
      eventDays: integer('NOWCAST_EVENT_DAYS', 90, 0, 36_500),
      eventCount: integer('NOWCAST_EVENT_COUNT', 1_000_000, 0, 100_000_000),
      /** Addresses and networks to which webhooks may connect besides public ones. */
      webhookNetworks: { variable: 'NOWCAST_WEBHOOK_NETWORKS', read: readNetworks },
      /** Maximum age of the signals in the history, days; 0: no limit. */
      signalHistoryDays: integer('NOWCAST_SIGNAL_HISTORY_DAYS', 30, 0, 36_500),
      /** Maximum number of connections, in total and per client; per client 0: no limit. */
      maxConnections: integer('NOWCAST_MANAGER_MAX_CONNECTIONS', 20_000, 1, 1_000_000),
      maxConnectionsPerAddress: integer('NOWCAST_MANAGER_MAX_CONNECTIONS_PER_ADDRESS', 1000, 0, 1_000_000),
      /**
       * Maximum number of requests per second and client, except to the API and health checks; 0: no limit.
       */
      maxRequestsPerAddress: integer('NOWCAST_MANAGER_MAX_REQUESTS_PER_ADDRESS', 200, 0, 1_000_000),
      /** Maximum number of requests to the API per minute and token; 0: no limit. */
      maxApiRequests: integer('NOWCAST_MANAGER_MAX_API_REQUESTS', 600_000, 0, 100_000_000),
      databaseUrl: urlOf('DATABASE_URL', /^postgres(?:ql)?:$/, 'a postgres:// URL'),
      /** URLs by which clients reach this instance, if they do not follow from NOWCAST_HOST and the ports. */
      publicRtmpUrl: { variable: 'NOWCAST_PUBLIC_RTMP_URL', read: readRtmpUrl },
      publicEdgeUrl: httpUrl('NOWCAST_PUBLIC_EDGE_URL'),
      publicUrl: httpUrl('NOWCAST_PUBLIC_URL'),
    },
    environment,
  )
}

function urlOf(variable: string, protocol: RegExp, allowed: string) {
  const read: Parse<string | undefined> = (value) => {
    if (value === undefined) return undefined
    if (!URL.canParse(value) || !protocol.test(new URL(value).protocol)) throw new Error(`must be ${allowed}`)
    return value
  }
  return { variable, read }
}

/**
 * Completes the URL that OBS calls the server: without a path it gets `/live`. Trailing slashes are removed.
 */
const readRtmpUrl: Parse<string | undefined> = (value) => {
  const url = urlOf('', /^rtmps?:$/, 'an rtmp:// or rtmps:// URL')
    .read(value)
    ?.replace(/\/+$/, '')
  return url !== undefined && /^rtmps?:\/\/[^/]+$/.test(url) ? `${url}/live` : url
}
