import { button, element } from '../shared/element.ts'
import type { Api } from './api.ts'
import { liveBadge } from './channel-list.ts'
import { confirm } from './confirm.ts'
import { history } from './history.ts'
import { liveFacts } from './live-facts.ts'
import type { Channel, Session } from './shapes.ts'
import { streamKeyBlock } from './stream-key.ts'

export interface DetailOptions {
  api: Api
  /** Runs an action, shows its failure, and looks again afterwards. */
  attempt<Result>(action: () => Promise<Result>): Promise<Result | undefined>
  /** The channel is gone. */
  onRemoved(): void
}

const playbackWords = { public: '', signed: ' · Signed playback' }
const latencyWords = { ultra: 'Ultra-low latency', low: 'Low latency', standard: 'Standard latency' }

/** Everything about one channel. Blocks that hold input stay as they are when new facts come. */
export function createChannelDetail(first: Channel, { api, attempt, onRemoved }: DetailOptions) {
  const { slug } = first
  let current = first
  const title = element('h1')
  const badge = element('span')
  const facts = element('span')
  const onAir = element('div')
  const past = element('div', {}, element('p', { class: 'muted', text: 'Loading…' }))

  const stop = button('Stop the show…', 'danger', async () => {
    const sessionId = current.live?.sessionId
    if (sessionId === undefined) return
    const meant = await confirm(
      'Stop the show?',
      'The publisher is disconnected and viewers see the end page.',
      'Stop',
    )
    if (meant) await attempt(() => api.stop(sessionId))
  })
  const remove = button('Delete channel…', 'plain danger-text', async () => {
    const consequence = 'Its stream key stops working and a show on air ends. Past shows stay in the history.'
    if (!(await confirm(`Delete “${current.title}”?`, consequence, 'Delete'))) return
    const removed = await attempt(async () => {
      await api.remove(slug)
      return true
    })
    if (removed) onRemoved()
  })
  const watch = element('a', {
    class: 'primary',
    text: 'Open watch page',
    attributes: { href: first.playback.watch, target: '_blank', rel: 'noopener' },
  })

  const key = { read: () => api.streamKey(slug), rotate: () => api.rotateKey(slug), attempt }
  const root = element(
    'article',
    { class: 'detail' },
    element('a', { class: 'back', text: '← All channels', attributes: { href: '#' } }),
    element(
      'header',
      { class: 'detail-head' },
      element('div', {}, title, element('p', { class: 'muted' }, badge, facts)),
      watch,
    ),
    section('On air', onAir, stop),
    section('Publish with OBS', streamKeyBlock(first.ingest.server, key)),
    section('Past shows', past),
    element('footer', { class: 'actions' }, remove),
  )

  return {
    root,
    slug,
    update(channel: Channel, now: number) {
      current = channel
      title.textContent = channel.title
      badge.replaceChildren(liveBadge(channel))
      facts.textContent = ` ${slug} · ${latencyWords[channel.latency]}${playbackWords[channel.playback.mode]}`
      stop.hidden = channel.live === null
      onAir.replaceChildren(
        channel.live
          ? liveFacts(channel.live, now)
          : element('p', {
              class: 'muted',
              text: 'Nothing is published. Start streaming in OBS and it shows here within a second or two.',
            }),
      )
    },
    updateHistory(sessions: Session[]) {
      past.replaceChildren(history(sessions))
    },
  }
}

function section(heading: string, ...children: HTMLElement[]): HTMLElement {
  return element('section', { class: 'card' }, element('h2', { text: heading }), ...children)
}
