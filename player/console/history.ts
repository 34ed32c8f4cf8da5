import type { SessionView } from '../../core/api/session.ts'
import type { EndReason } from '../../core/contracts/end-reason.ts'
import { element } from '../shared/element.ts'
import { formatSpan } from '../shared/units.ts'
import { table } from './table.ts'

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

const reasonTexts: Record<EndReason, string> = {
  publisher_left: 'Publisher stopped',
  publisher_lost: 'Connection lost',
  publisher_idle: 'No media received',
  protocol_error: 'Protocol error',
  unsupported_media: 'Codec not supported',
  limit_exceeded: 'Limit exceeded',
  taken_over: 'Taken over by another publisher',
  stopped: 'Stopped by operator',
  channel_removed: 'Channel deleted or disabled',
  transcode_failed: 'Transcoding failed',
  ingest_lost: 'Ingest lost',
  shutdown: 'Server shut down',
}

/** Reasons of intended ends. All others are marked as trouble. */
const regularReasons: readonly EndReason[] = [
  'publisher_left',
  'taken_over',
  'stopped',
  'channel_removed',
  'shutdown',
]

/** Creates a table of the sessions that have ended. `liveFacts` shows the session that is live. */
export function history(sessions: SessionView[]): HTMLElement {
  const ended = sessions.filter(({ state }) => state === 'ended')
  if (ended.length === 0)
    return element('p', {
      class: 'muted',
      text: 'No past streams yet. A stream appears here when it has ended.',
    })
  return table(['Started', 'Duration', 'Reason of end', 'Resolution', 'Peak viewers'], ended.map(row))
}

function row({ startedAt, endedAt, reason, detail, source, peakViewers }: SessionView): HTMLElement {
  const video = source?.video
  const end = element('td', { text: reason === null ? '–' : reasonTexts[reason] })
  if (reason !== null && !regularReasons.includes(reason)) end.className = 'trouble'
  if (detail !== null) end.title = detail
  return element(
    'tr',
    {},
    element('td', { text: dateTime.format(new Date(startedAt)) }),
    element('td', { text: endedAt === null ? '–' : formatSpan(Date.parse(endedAt) - Date.parse(startedAt)) }),
    end,
    element('td', { text: video ? `${video.width}×${video.height}` : '–' }),
    element('td', { text: `${peakViewers}` }),
  )
}
