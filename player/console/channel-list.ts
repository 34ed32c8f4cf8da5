import type { ChannelView } from '../../core/api/channel.ts'
import { element } from '../shared/element.ts'
import { formatSpan } from '../shared/units.ts'
import type { Stills } from './stills.ts'

/**
 * Creates the badge beside a channel's name. An overloaded channel is live too, but the operator has to know
 * about the overload first.
 */
export function liveBadge({ live, enabled }: ChannelView): HTMLElement {
  if (live?.health?.overloaded)
    return element('span', { class: 'badge', text: 'Overloaded', data: { tone: 'warn' } })
  if (live?.state === 'live') return element('span', { class: 'badge', text: 'Live', data: { tone: 'live' } })
  if (live) return element('span', { class: 'badge', text: 'Starting', data: { tone: 'warn' } })
  return element('span', { class: 'badge', text: enabled ? 'Off air' : 'Disabled' })
}

export interface ChannelListOptions {
  /** Slug of the channel that is marked. */
  selected: string | undefined
  /** ms since 1970. */
  now: number
  stills: Stills
}

/** Creates the list of all channels, those on air first. */
export function channelList(channels: ChannelView[], options: ChannelListOptions): HTMLElement {
  if (channels.length === 0)
    return element('p', {
      class: 'empty muted',
      text: 'No channels yet. A channel has a stream key for OBS.',
    })
  const onAirFirst = channels.toSorted((a, b) => Number(b.live !== null) - Number(a.live !== null))
  return element('ul', { class: 'channels' }, ...onAirFirst.map((channel) => entry(channel, options)))
}

function entry(channel: ChannelView, { selected, now, stills }: ChannelListOptions): HTMLElement {
  const { slug, title, live } = channel
  const viewers = live === null ? '' : `${live.viewers} ${live.viewers === 1 ? 'viewer' : 'viewers'}`
  const facts = live === null ? slug : `${viewers} · ${formatSpan(now - Date.parse(live.startedAt))}`
  const link = element(
    'a',
    { class: 'channel', attributes: { href: `#${slug}` } },
    stills.of(channel, now),
    element(
      'span',
      { class: 'channel-text' },
      element('strong', { text: title }),
      element('span', { class: 'muted', text: facts }),
    ),
    liveBadge(channel),
  )
  if (slug === selected) link.setAttribute('aria-current', 'page')
  return element('li', {}, link)
}
