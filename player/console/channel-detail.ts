import type { ChannelView } from '../../core/api/channel.ts'
import type { SessionView } from '../../core/api/session.ts'
import { button, element } from '../shared/element.ts'
import type { Api } from './api.ts'
import { liveBadge } from './channel-list.ts'
import { confirm } from './confirm.ts'
import { history } from './history.ts'
import { liveFacts } from './live-facts.ts'
import type { Notice } from './notice.ts'
import { createSlateBlock } from './slate.ts'
import { streamKeyBlock } from './stream-key.ts'

export interface DetailOptions {
  api: Api
  attempt: Notice['attempt']
  /** Whether to offer that the channel is deleted. */
  mayRemove: boolean
  /** Called when the channel was deleted, so that the page can leave it. */
  onRemoved(): void
}

const playbackTexts = { public: '', signed: ' · Signed playback' }
const latencyTexts = { ultra: 'Ultra-low latency', low: 'Low latency', standard: 'Standard latency' }

export type ChannelDetail = ReturnType<typeof createChannelDetail>

/**
 * Creates the view of one channel. `update` leaves blocks that contain input in place, so that a refresh does
 * not disturb the operator.
 */
export function createChannelDetail(
  first: ChannelView,
  { api, attempt, mayRemove, onRemoved }: DetailOptions,
) {
  const { slug } = first
  let current = first
  const title = element('h1')
  const badge = element('span')
  const facts = element('span')
  const onAir = element('div')
  const past = element('div', {}, element('p', { class: 'muted', text: 'Loading…' }))

  const stop = button('Stop stream…', 'danger', async () => {
    const sessionId = current.live?.sessionId
    if (sessionId !== undefined && (await confirmStop())) await attempt(() => api.stop(sessionId))
  })
  const remove = button('Delete channel…', 'plain danger-text', async () => {
    if (!(await confirmRemoval(current))) return
    const isRemoved = await attempt(() => api.remove(slug).then(() => true))
    if (isRemoved) onRemoved()
  })
  const key = { read: () => api.streamKey(slug), rotate: () => api.rotateKey(slug), attempt }

  const slate = createSlateBlock({
    read: () => api.slate(slug),
    put: (file) => api.putSlate(slug, file),
    remove: () => api.removeSlate(slug),
    attempt,
  })

  return {
    slug,
    root: element(
      'article',
      { class: 'detail' },
      element('a', { class: 'back', text: '← All channels', attributes: { href: '#' } }),
      element(
        'header',
        { class: 'detail-head' },
        element('div', {}, title, element('p', { class: 'muted' }, badge, facts)),
        watchLink(first),
      ),
      section('On air', onAir, stop),
      section('Publish with OBS', streamKeyBlock(first.ingest.server, key)),
      section('Slate', slate.root),
      section('Past streams', past),
      element('footer', { class: 'actions' }, mayRemove ? remove : null),
    ),

    update(channel: ChannelView, now: number) {
      current = channel
      title.textContent = channel.title
      badge.replaceChildren(liveBadge(channel))
      facts.textContent = ` ${slug} · ${latencyTexts[channel.latency]}${playbackTexts[channel.playback.mode]}`
      stop.hidden = channel.live === null
      slate.update(channel.slate)
      onAir.replaceChildren(channel.live ? liveFacts(channel.live, now) : offAirHint())
    },

    updateHistory(sessions: SessionView[]) {
      past.replaceChildren(history(sessions))
    },
  }
}

const confirmStop = () =>
  confirm('Stop the stream?', 'The publisher is disconnected and viewers see the end page.', 'Stop')

const confirmRemoval = ({ title }: ChannelView) =>
  confirm(
    `Delete “${title}”?`,
    'Its stream key stops working and a running stream ends. The history of past streams is kept.',
    'Delete',
  )

function watchLink({ playback }: ChannelView): HTMLElement {
  return element('a', {
    class: 'primary',
    text: 'Open watch page',
    attributes: { href: playback.watch, target: '_blank', rel: 'noopener' },
  })
}

function offAirHint(): HTMLElement {
  return element('p', {
    class: 'muted',
    text: 'Nothing is being published. A stream from OBS appears here within a second or two.',
  })
}

function section(heading: string, ...children: HTMLElement[]): HTMLElement {
  return element('section', { class: 'card' }, element('h2', { text: heading }), ...children)
}
