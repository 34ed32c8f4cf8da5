import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionView } from '../../core/api/session.ts'
import type { ReadPlaylist } from '../kit/playlist.ts'
import { startPublisher } from '../kit/publisher.ts'
import { discontinuities, followShow } from '../kit/show.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

let whole: Whole
beforeAll(async () => {
  whole = await startWhole({ env: { NOWCAST_LADDER: 'off' } })
})
afterAll(() => whole?.stop())

/** Returns the times between segments with media that no segment has, ms. */
function holesIn({ segments }: ReadPlaylist): number[] {
  const media = segments.filter(({ uri, gap }) => uri !== undefined && !gap)
  return media.slice(1).map(({ programDateTime = 0 }, index) => {
    const before = media[index]
    return programDateTime - (before?.programDateTime ?? 0) - 1000 * (before?.duration ?? 0)
  })
}

test.each(['SIGKILL', 'SIGSTOP'] as const)(
  'a transcoder gets %s: another one continues its session, and no media is missing',
  async (signal) => {
    const slug = signal.toLowerCase()
    const { streamKey } = await whole.api('POST', '/v1/channels', { slug })
    const other = await whole.startTranscoder()
    const publisher = startPublisher({ url: `${whole.rtmpUrl}/${streamKey}`, size: '320x180' })
    try {
      const show = await followShow(whole, slug)
      const { sessionId = '' } = (await show.live()) ?? {}
      await waitFor('two segments', async () => {
        const segments = (await show.playlist())?.segments ?? []
        return segments.filter(({ uri }) => uri).length >= 2
      })
      const { transcoder } = await whole.api<SessionView>('GET', `/v1/sessions/${sessionId}`)
      const pid = transcoder === other.instance ? other.pid : (whole.rolePids('transcoder')[0] ?? 0)
      process.kill(pid, signal)
      await whole.supervisor.line(
        new RegExp(`"sessionId":"${sessionId}".*the transcoder of this session was lost`),
      )
      const playlist = await waitFor('a segment of the other one', async () => {
        const found = await show.playlist()
        const last = found?.segments.findLast(({ uri }) => uri)
        return found && discontinuities(found) > 0 && last?.discontinuity === false && found
      })
      expect(Math.max(...holesIn(playlist).map(Math.abs))).toBeLessThan(100)
      expect(show.steps).toEqual([])
      expect(await show.live()).toMatchObject({ sessionId, state: 'live' })
    } finally {
      await publisher.stop('SIGKILL')
      await other.stop('SIGKILL')
    }
  },
  60_000,
)
