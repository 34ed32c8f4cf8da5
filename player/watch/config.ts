import type { Latency } from '../../core/media/latency.ts'

/** What the manager tells the watch page of its channel. */
export interface WatchConfig {
  slug: string
  title: string
  /** URL of the multivariant playlist. */
  hls: string
  /** URLs of the same playlist at other edges. */
  others?: string[]
  latency: Latency
  /** When `hls` is to be replaced by another, ms; only where a token stands in it. */
  renewAfterMs?: number
  /** True when there is no such channel. */
  unknown?: boolean
}

const placeholder = '__NOWCAST_CONFIG__'

/**
 * Reads the configuration that the manager wrote into the page. The development server leaves the placeholder: then
 * `?hls=` and `?latency=` of the page's address take its place.
 */
export function readConfig(text: string | null | undefined, address: URL): WatchConfig {
  const given: unknown = JSON.parse(text || '""')
  if (given !== placeholder && typeof given === 'object' && given !== null) {
    const { hls, title, ...rest } = given as WatchConfig & { hls: string | null; title: string | null }
    return { ...rest, title: title ?? rest.slug, hls: new URL(hls ?? '', address).href }
  }
  const latency = address.searchParams.get('latency')
  const slug = address.pathname.split('/').at(-1) || 'demo'
  return {
    slug,
    title: slug,
    hls: address.searchParams.get('hls') ?? `http://${address.hostname}:8088/live/${slug}/index.m3u8`,
    latency: latency === 'ultra' || latency === 'standard' ? latency : 'low',
  }
}
