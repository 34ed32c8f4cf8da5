import type { ChannelView } from '../../core/api/channel.ts'
import type { Role } from '../../core/api/roles.ts'
import { createPoll, type Poll } from '../../core/mechanisms/poll.ts'
import { find } from '../shared/dom.ts'
import { button, element } from '../shared/element.ts'
import type { Api } from './api.ts'
import { type ChannelDetail, createChannelDetail } from './channel-detail.ts'
import { channelList } from './channel-list.ts'
import { openNewChannel } from './new-channel.ts'
import { createNotice } from './notice.ts'
import { createStills } from './stills.ts'

/** Time from the end of a refresh of channels and sessions to the next one, ms. */
const refreshEveryMs = 2000
const retryMs = 3000

/**
 * Shows the list of channels and the selected channel, and refreshes both until the returned function is
 * called. `role`: only some may create and delete channels.
 */
export function openDashboard(api: Api, role: Role, onUnauthorized: () => void): () => void {
  const entries = element('div')
  const pane = element('div', { class: 'pane' })
  const [notice, stills] = [createNotice(onUnauthorized), createStills()]
  const mayCreate = isProducer(role)
  let channels: ChannelView[] | undefined
  let detail: ChannelDetail | undefined

  function show() {
    if (channels === undefined) return
    const now = Date.now()
    const slug = slugInUrl()
    const selected = channels.find((channel) => channel.slug === slug)
    const list = channelList(channels, { selected: selected?.slug, now, stills })
    keepFocus(entries, () => entries.replaceChildren(list))
    document.body.dataset.view = selected ? 'detail' : 'list'
    if (selected) showDetail(selected, now)
    else
      showHint(
        slug === '' ? 'Select a channel to see its status and its OBS settings.' : 'Channel not found.',
      )
  }

  function showDetail(channel: ChannelView, now: number) {
    if (detail?.slug !== channel.slug) {
      const onRemoved = () => select('')
      detail = createChannelDetail(channel, { api, attempt, mayRemove: mayCreate, onRemoved })
      pane.replaceChildren(detail.root)
    }
    detail.update(channel, now)
  }

  function showHint(text: string) {
    detail = undefined
    pane.replaceChildren(element('p', { class: 'empty muted', text }))
  }

  async function refresh() {
    try {
      channels = await api.channels()
      show()
      if (detail) detail.updateHistory((await api.sessions(detail.slug)).items)
      notice.clear()
    } catch (error) {
      notice.report(error)
      throw error
    }
  }

  /**
   * Runs an action of the operator. Then refreshes the page, even if the action failed: the manager may have
   * carried it out all the same.
   */
  async function attempt<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
    const result = await notice.attempt(action)
    void poll.run()
    return result
  }

  const onSelect = () => {
    show()
    void poll.run()
  }
  const create = () =>
    openNewChannel(async (channel) => {
      const { slug } = await api.create(channel)
      select(slug)
      void poll.run()
    })
  find('#console').replaceChildren(listOf(entries, mayCreate ? create : undefined), pane)
  addEventListener('hashchange', onSelect)
  const poll = pollWhileVisible(refresh)

  return () => {
    void poll.close()
    notice.close()
    removeEventListener('hashchange', onSelect)
    delete document.body.dataset.view
  }
}

/** Runs `task` repeatedly while the page is visible, and at once when the page becomes visible again. */
function pollWhileVisible(task: () => Promise<void>): Pick<Poll, 'run' | 'close'> {
  const poll = createPoll(
    async () => {
      if (!document.hidden) await task()
    },
    { everyMs: refreshEveryMs, afterFailureMs: retryMs },
  )
  const onVisibility = () => {
    if (!document.hidden) void poll.run()
  }
  document.addEventListener('visibilitychange', onVisibility)
  return {
    run: poll.run,
    close() {
      document.removeEventListener('visibilitychange', onVisibility)
      return poll.close()
    },
  }
}

/**
 * Selects a channel, or none with an empty slug. The slug is the fragment of the URL, so that links to a
 * channel and the back button work.
 */
function select(slug: string) {
  location.hash = slug
}

/** Returns the slug of the selected channel; empty when none is. */
const slugInUrl = () => decodeURIComponent(location.hash.replace(/^#(?:\/.*)?/, ''))

/** Whether a role permits to create and delete channels. */
const isProducer = (role: Role) => ['owner', 'admin', 'producer'].includes(role)

function listOf(entries: HTMLElement, create: (() => void) | undefined): HTMLElement {
  return element(
    'nav',
    { class: 'list', attributes: { 'aria-label': 'Channels' } },
    element(
      'div',
      { class: 'list-head' },
      element('h2', { text: 'Channels' }),
      create === undefined ? null : button('New channel', 'primary', create),
    ),
    entries,
  )
}

/**
 * Runs `change`, which replaces the links in `within`, and then focuses the same link again. Without this,
 * each refresh would take the focus from users of a keyboard.
 */
function keepFocus(within: HTMLElement, change: () => void) {
  const focused = within.contains(document.activeElement)
    ? document.activeElement?.getAttribute('href')
    : null
  change()
  if (focused !== null && focused !== undefined)
    within.querySelector<HTMLElement>(`[href="${CSS.escape(focused)}"]`)?.focus()
}
