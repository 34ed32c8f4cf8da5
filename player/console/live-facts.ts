import type { LiveStatus } from '../../core/api/channel.ts'
import type { RenditionView, SourceView } from '../../core/api/media.ts'
import { element } from '../shared/element.ts'
import { formatBitrate, formatFps, formatSpan } from '../shared/units.ts'
import { experienceFacts } from './experience-facts.ts'
import { table } from './table.ts'

/** Keyframe interval above which the operator is warned, ms: joining is slow then. */
const longGopMs = 4000

const codecNames = {
  h264: 'H.264',
  hevc: 'HEVC',
  av1: 'AV1',
  vp9: 'VP9',
  aac: 'AAC',
  mp3: 'MP3',
  opus: 'Opus',
  other: 'other',
}

/** Returns labels and values in the order in which they are shown. `now` is in ms since 1970. */
export function factsOf({ startedAt, viewers, source, health }: LiveStatus, now: number): [string, string][] {
  const facts: [string, string][] = [
    ['Viewers', `${viewers}`],
    ['On air for', formatSpan(now - Date.parse(startedAt))],
  ]
  const { video, audio } = source ?? {}
  if (source) facts.push(['Bitrate', formatBitrate(source.bitrate)])
  if (video) {
    facts.push(['Video', `${video.width}×${video.height}, ${formatFps(video.fps)}`])
    facts.push([
      'Keyframes',
      video.gopMs === null ? 'measuring' : `every ${Number((video.gopMs / 1000).toFixed(1))} s`,
    ])
  }
  if (source) facts.push(['Codecs', codecsOf(source)])
  if (source && !audio) facts.push(['Audio', 'none'])
  if (audio) facts.push(['Audio', `${audio.sampleRate / 1000} kHz, ${channelsText(audio.channels)}`])
  if (health) facts.push(['Transcoding', `${health.speed.toFixed(2)}× real time`])
  return facts
}

const codecsOf = ({ video, audio }: SourceView) =>
  [video, audio].flatMap((track) => (track ? [codecNames[track.codec]] : [])).join(' + ')

const channelsText = (channels: number) => ({ 1: 'mono', 2: 'stereo' })[channels] ?? `${channels} channels`

/** Returns messages about problems that the operator can solve. */
export function warningsOf({ source, health }: LiveStatus): string[] {
  const warnings: string[] = []
  if (health?.overloaded)
    warnings.push(
      `This machine is too slow: transcoding is ${formatSpan(health.behindMs)} behind. Use fewer renditions or a lower resolution.`,
    )
  const { video } = source ?? {}
  if (video && video.gopMs !== null && video.gopMs > longGopMs)
    warnings.push('Keyframes are far apart. Set the keyframe interval in OBS to 2 s for faster joins.')
  if (video && !video.isBrowserFriendly)
    warnings.push(
      'The source video is not 8-bit 4:2:0. Browsers cannot play it directly, so it is re-encoded.',
    )
  return warnings
}

export function liveFacts(live: LiveStatus, now: number): HTMLElement {
  const tiles = factsOf(live, now).map(([label, value]) =>
    element('div', {}, element('dt', { text: label }), element('dd', { text: value })),
  )
  const warnings = warningsOf(live).map((text) => element('p', { class: 'warning', text }))
  const starting =
    live.state === 'starting' ? element('p', { class: 'muted', text: 'Preparing playback…' }) : null
  return element(
    'div',
    { class: 'live-facts' },
    ...warnings,
    starting,
    element('dl', { class: 'tiles' }, ...tiles),
    experienceFacts(live.experience),
    live.renditions.length > 0 ? renditionTable(live.renditions) : null,
  )
}

function renditionTable(renditions: RenditionView[]): HTMLElement {
  const rows = renditions.map(({ name, kind, passthrough, width, height, fps, bandwidth, codecs }) =>
    element(
      'tr',
      {},
      element(
        'th',
        { attributes: { scope: 'row' } },
        name,
        passthrough ? element('span', { class: 'tag', text: 'source' }) : null,
      ),
      element('td', { text: kind === 'audio' ? 'audio only' : width && height ? `${width}×${height}` : '–' }),
      element('td', { text: fps ? formatFps(fps) : '–' }),
      element('td', { text: bandwidth ? formatBitrate(bandwidth) : '–' }),
      element('td', { class: 'code', text: codecs ?? '–' }),
    ),
  )
  return table(['Rendition', 'Resolution', 'Frame rate', 'Peak bitrate', 'Codecs'], rows)
}
