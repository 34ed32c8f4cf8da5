import { expect, test } from 'vitest'
import type { SessionView } from '../../core/api/session.ts'
import { createChannelRequests } from '../kit/channel-requests.ts'
import type { ReadPlaylist } from '../kit/playlist.ts'
import { type PublishOptions, startPublisher } from '../kit/publisher.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole } from '../kit/whole.ts'

/** Starts a channel that is live, and follows one of its media playlists. */
async function startShow(slug: string, publish: Omit<PublishOptions, 'url'>, env = {}) {
  const whole = await startWhole({ env: { NOWCAST_LADDER: 'off', ...env } })
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug })
  const start = (options: Omit<PublishOptions, 'url'>) =>
    startPublisher({ ...options, url: `${whole.rtmpUrl}/${streamKey}` })
  const first = start(publish)
  await whole.untilLive(slug)
  const requests = createChannelRequests(`${whole.edgeUrl}/live/${slug}/`)
  const uris = (await requests.multivariant()).variants.map(({ uri }) => uri)
  const [uri = ''] = uris
  /** Waits until the media playlist meets a condition. Checks that its numbers never go down. */
  const until = (what: string, is: (playlist: ReadPlaylist) => boolean) =>
    waitFor(what, async () => {
      const { playlist, status } = await requests.playlistAt(uri)
      if (status !== 200) return false
      const last = playlist.segments.at(-1)?.msn ?? 0
      const numbers = [playlist.mediaSequence, playlist.discontinuitySequence, last]
      for (const [index, number] of numbers.entries())
        expect(number).toBeGreaterThanOrEqual(newest[index] ?? 0)
      newest = numbers
      return is(playlist) && playlist
    })
  let newest = [0, 0, 0]
  const live = async () =>
    (await whole.api<{ live: { sessionId: string; state: string } | null }>('GET', `/v1/channels/${slug}`))
      .live
  return { whole, start, first, until, live, requests }
}

const discontinuities = ({ discontinuitySequence, segments }: ReadPlaylist) =>
  discontinuitySequence + segments.filter(({ discontinuity }) => discontinuity).length

test('a publisher that is cut and returns with the same and with other settings continues its show', async () => {
  const show = await startShow('cut', { size: '640x360' })
  const { whole, start, until, live, requests } = show
  try {
    const { sessionId } = (await live()) ?? {}
    let publisher = show.first
    const returns = [{ size: '640x360' }, { size: '480x270', fps: 25, audioChannels: 1 as const }]
    for (const [index, settings] of returns.entries()) {
      await until('two segments', ({ segments }) => segments.filter(({ uri }) => uri).length >= 2)
      await publisher.stop('SIGKILL')
      await waitFor('the interruption', async () => (await live())?.state === 'interrupted')
      publisher = start(settings)
      const playlist = await until('the next publish', (playlist) => discontinuities(playlist) === index + 1)
      expect(playlist.ended).toBe(false)
      const maps = new Set(playlist.segments.flatMap(({ map }) => map ?? []))
      expect(maps.size).toBe(index + 2)
      expect(await live()).toMatchObject({ sessionId, state: 'live' })
    }
    await waitFor('the size in the multivariant playlist', async () =>
      (await requests.multivariant()).variants.some(
        ({ attributes }) => attributes.get('RESOLUTION') === '480x270',
      ),
    )
    const { interruptions, state } = await whole.api<SessionView>('GET', `/v1/sessions/${sessionId}`)
    expect(state).toBe('live')
    expect(interruptions).toHaveLength(2)
    expect(interruptions.every(({ endedAt }) => endedAt !== null)).toBe(true)
    await publisher.stop('SIGINT')
    expect((await until('the end', ({ ended }) => ended)).ended).toBe(true)
  } finally {
    await whole.stop()
  }
}, 90_000)

test('a publisher that does not return within the grace time ends the show, with one reason', async () => {
  const { whole, first, until, live } = await startShow(
    'gone',
    { size: '320x180' },
    { NOWCAST_GRACE_MS: '1500' },
  )
  try {
    const { sessionId } = (await live()) ?? {}
    await until('a segment', ({ segments }) => segments.some(({ uri }) => uri))
    await first.stop('SIGKILL')
    await waitFor('the interruption', async () => (await live())?.state === 'interrupted')
    await until('the end', ({ ended }) => ended)
    const ended = await waitFor('the end in the history', async () => {
      const session = await whole.api<SessionView>('GET', `/v1/sessions/${sessionId}`)
      return session.state === 'ended' && session
    })
    expect(ended.reason).toBe('publisher_lost')
    expect(ended.interruptions).toMatchObject([{ endedAt: null, reason: 'publisher_lost' }])
  } finally {
    await whole.stop()
  }
}, 60_000)
