import type { Latency } from '../../../core/media/latency.ts'
import { multivariantPath } from '../../../core/playback/media-paths.ts'

/** What the manager writes into the watch page about its channel. */
export interface WatchConfig {
  slug: string
  title: string
  /** URL of the multivariant playlist. */
  hls: string
  /** URLs of the same playlist at other edges. */
  others?: string[]
  latency: Latency
  /** Time after which `hls` has to be replaced, ms. Set only when the URL carries a token. */
  renewAfterMs?: number
  /** Whether the channel does not exist. */
  unknown?: boolean
}

const placeholder = '__NOWCAST_CONFIG__'

/**
 * Reads the configuration that the manager wrote into the page. The development server leaves the placeholder
 * there; then `?hls=` and `?latency=` of the page's address are used instead.
 */
export function readConfig(text: string | null | undefined, address: URL): WatchConfig {
  const written: unknown = JSON.parse(text || '""')
  if (written !== placeholder && typeof written === 'object' && written !== null) {
    const { hls, title, ...rest } = written as WatchConfig & { hls: string | null; title: string | null }
    return { ...rest, title: title ?? rest.slug, hls: new URL(hls ?? '', address).href }
  }
  const latency = address.searchParams.get('latency')
  const slug = address.pathname.split('/').at(-1) || 'demo'
  return {
    slug,
    title: slug,
    hls: address.searchParams.get('hls') ?? `http://${address.hostname}:8088${multivariantPath(slug)}`,
    latency: latency === 'ultra' || latency === 'standard' ? latency : 'low',
  }
}
