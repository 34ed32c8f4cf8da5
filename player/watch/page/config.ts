import type { UnknownChannelConfig, WatchConfig } from '../../../core/api/watch-page.ts'
import { multivariantPath } from '../../../core/playback/media-paths.ts'

/** Configuration of the page. `unknown`: whether the channel does not exist. */
export type PageConfig = WatchConfig & { unknown?: boolean }

const placeholder = '__NOWCAST_CONFIG__'

/**
 * Reads the configuration that the manager wrote into the page. The development server leaves the placeholder
 * there. Then the configuration comes from the page's address: the last part of the path is the slug, and
 * `?hls=` and `?latency=` are optional.
 */
export function readConfig(text: string | null | undefined, address: URL): PageConfig {
  const written: unknown = JSON.parse(text || '""')
  if (written !== placeholder && typeof written === 'object' && written !== null) {
    const { hls, title, ...rest } = written as WatchConfig | UnknownChannelConfig
    return { latency: 'low', ...rest, title: title ?? rest.slug, hls: new URL(hls ?? '', address).href }
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
