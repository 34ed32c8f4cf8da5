import type { Rendition, Source } from '../../core/media/source.ts'
import { element } from '../shared/element.ts'
import { formatBitrate, formatFps, formatSpan } from '../shared/units.ts'
import { experienceFacts } from './experience-facts.ts'
import type { Live } from './shapes.ts'

/** A longer keyframe interval than this, ms, makes joining slow and keeps the source from being passed through. */
const longGopMs = 4000

const codecWords = {
  h264: 'H.264',
  hevc: 'HEVC',
  av1: 'AV1',
  vp9: 'VP9',
  aac: 'AAC',
  mp3: 'MP3',
  opus: 'Opus',
  other: 'other',
}

/** Facts as label and value, in the order to show them. */
export function factsOf({ startedAt, viewers, source, health }: Live, now: number): [string, string][] {
  const facts: [string, string][] = [
    ['Viewers', `${viewers}`],
    ['On air for', formatSpan(now - Date.parse(startedAt))],
  ]
  const { video, audio } = source ?? {}
  if (source) facts.push(['Bitrate', formatBitrate(source.bitrate)])
  if (video) {
    facts.push(['Picture', `${video.width}×${video.height}, ${formatFps(video.fps)}`])
    facts.push([
      'Keyframes',
      video.gopMs === null ? 'measuring' : `every ${Number((video.gopMs / 1000).toFixed(1))} s`,
    ])
  }
  if (source) facts.push(['Codecs', codecsOf(source)])
  if (source && !audio) facts.push(['Sound', 'none'])
  if (audio) facts.push(['Sound', `${audio.sampleRate / 1000} kHz, ${channelWords(audio.channels)}`])
  if (health) facts.push(['Transcoding', `${health.speed.toFixed(2)}× real time`])
  return facts
}

const codecsOf = ({ video, audio }: Source) =>
  [video, audio].flatMap((track) => (track ? [codecWords[track.codec]] : [])).join(' + ')

const channelWords = (channels: number) => ({ 1: 'mono', 2: 'stereo' })[channels] ?? `${channels} channels`

/** What the operator should do something about. */
export function warningsOf({ source, health }: Live): string[] {
  const warnings: string[] = []
  if (health?.overloaded)
    warnings.push(
      `This machine cannot keep up: transcoding is ${formatSpan(health.behindMs)} behind. Use fewer renditions or a smaller picture.`,
    )
  const { video } = source ?? {}
  if (video && video.gopMs !== null && video.gopMs > longGopMs)
    warnings.push('Keyframes are far apart. Set the keyframe interval of OBS to 2 s for quick joins.')
  if (video && !video.isBrowserFriendly)
    warnings.push(
      'The published picture is not 8-bit 4:2:0: browsers cannot play it untouched, so it is encoded anew.',
    )
  return warnings
}

/** The whole block for what is on air. */
export function liveFacts(live: Live, now: number): HTMLElement {
  const tiles = factsOf(live, now).map(([label, value]) =>
    element('div', {}, element('dt', { text: label }), element('dd', { text: value })),
  )
  const warnings = warningsOf(live).map((text) => element('p', { class: 'warning', text }))
  const starting =
    live.state === 'starting' ? element('p', { class: 'muted', text: 'Preparing the first picture…' }) : null
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

function renditionTable(renditions: Rendition[]): HTMLElement {
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
      element('td', { text: kind === 'audio' ? 'sound only' : width && height ? `${width}×${height}` : '–' }),
      element('td', { text: fps ? formatFps(fps) : '–' }),
      element('td', { text: bandwidth ? formatBitrate(bandwidth) : '–' }),
      element('td', { class: 'code', text: codecs ?? '–' }),
    ),
  )
  return table(['Rendition', 'Picture', 'Rate', 'Peak', 'Codecs'], rows)
}

/** A table that scrolls sideways where it does not fit. */
export function table(heads: string[], rows: HTMLElement[]): HTMLElement {
  const head = element(
    'tr',
    {},
    ...heads.map((text) => element('th', { text, attributes: { scope: 'col' } })),
  )
  return element(
    'div',
    { class: 'scroll', attributes: { tabindex: '0', role: 'group', 'aria-label': `Table: ${heads[0]}` } },
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)),
  )
}
