import { find } from '../shared/dom.ts'
import { button, element } from '../shared/element.ts'
import { type Api, ApiError } from './api.ts'
import { createChannelDetail } from './channel-detail.ts'
import { channelList } from './channel-list.ts'
import { openNewChannel } from './new-channel.ts'
import type { Channel } from './shapes.ts'
import { createPoll } from './visible-poll.ts'

/** How long a failed action's words stay, ms. */
const failureShownMs = 8000

/** The signed-in console: the list beside the chosen channel, looked at again every 2 s. Gives what ends it. */
export function openDesk(api: Api, onUnauthorized: () => void): () => void {
  const list = element('nav', { class: 'list', attributes: { 'aria-label': 'Channels' } })
  const entries = element('div')
  const pane = element('div', { class: 'pane' })
  const notice = find('#notice')
  let channels: Channel[] | undefined
  let detail: ReturnType<typeof createChannelDetail> | undefined
  let failureTimer: ReturnType<typeof setTimeout> | undefined

  const create = button('New channel', 'primary', () =>
    openNewChannel(async (channel) => {
      const { slug } = await api.create(channel)
      location.hash = slug
      void poll.now()
    }),
  )
  list.append(element('div', { class: 'list-head' }, element('h2', { text: 'Channels' }), create), entries)
  find('#console').replaceChildren(list, pane)

  const poll = createPoll(async () => {
    try {
      channels = await api.channels()
      show()
      if (detail) detail.updateHistory((await api.sessions(detail.slug)).items)
      if (!failureTimer) notice.hidden = true
    } catch (error) {
      failed(error)
      throw error
    }
  })

  function show() {
    if (channels === undefined) return
    const now = Date.now()
    const slug = decodeURIComponent(location.hash.slice(1))
    const chosen = channels.find((channel) => channel.slug === slug)
    keepFocus(entries, () => entries.replaceChildren(channelList(channels ?? [], chosen?.slug, now)))
    document.body.dataset.view = chosen ? 'detail' : 'list'
    if (!chosen) {
      detail = undefined
      const hint =
        slug === '' ? 'Choose a channel to see its show and its OBS settings.' : 'There is no such channel.'
      pane.replaceChildren(element('p', { class: 'empty muted', text: hint }))
      return
    }
    if (detail?.slug !== chosen.slug) {
      detail = createChannelDetail(chosen, { api, attempt, onRemoved })
      pane.replaceChildren(detail.root)
    }
    detail.update(chosen, now)
  }

  function onRemoved() {
    location.hash = ''
  }

  async function attempt<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await action()
    } catch (error) {
      failed(error)
      clearTimeout(failureTimer)
      failureTimer = setTimeout(() => {
        failureTimer = undefined
      }, failureShownMs)
      return undefined
    } finally {
      void poll.now()
    }
  }

  function failed(error: unknown) {
    if (error instanceof ApiError && error.kind === 'unauthorized') return onUnauthorized()
    notice.textContent =
      error instanceof ApiError && error.kind === 'away'
        ? 'The manager does not answer. Trying again. What is live stays live.'
        : (error as Error).message
    notice.hidden = false
  }

  function onHash() {
    show()
    void poll.now()
  }
  addEventListener('hashchange', onHash)
  void poll.now()

  return () => {
    poll.stop()
    clearTimeout(failureTimer)
    removeEventListener('hashchange', onHash)
    notice.hidden = true
    delete document.body.dataset.view
  }
}

/** Replaces content without taking the focus from a link in it. */
function keepFocus(within: HTMLElement, change: () => void) {
  const focused = within.contains(document.activeElement)
    ? document.activeElement?.getAttribute('href')
    : null
  change()
  if (focused !== null && focused !== undefined)
    within.querySelector<HTMLElement>(`[href="${CSS.escape(focused)}"]`)?.focus()
}
