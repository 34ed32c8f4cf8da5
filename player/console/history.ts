import { element } from '../shared/element.ts'
import { formatSpan } from '../shared/units.ts'
import { table } from './live-facts.ts'
import { isTrouble, reasonWords } from './reasons.ts'
import type { Session } from './shapes.ts'

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** Recent sessions of a channel with how they ended. */
export function history(sessions: Session[]): HTMLElement {
  const ended = sessions.filter(({ state }) => state === 'ended')
  if (ended.length === 0)
    return element('p', { class: 'muted', text: 'No show yet. Each one is listed here when it has ended.' })
  return table(['Began', 'Lasted', 'Ended', 'Picture', 'Peak viewers'], ended.map(row))
}

function row({ startedAt, endedAt, reason, detail, source, peakViewers }: Session): HTMLElement {
  const video = source?.video
  const why = element('td', { text: reason === null ? '–' : reasonWords[reason] })
  if (reason !== null && isTrouble(reason)) why.className = 'trouble'
  if (detail !== null) why.title = detail
  return element(
    'tr',
    {},
    element('td', { text: dateTime.format(new Date(startedAt)) }),
    element('td', { text: endedAt === null ? '–' : formatSpan(Date.parse(endedAt) - Date.parse(startedAt)) }),
    why,
    element('td', { text: video ? `${video.width}×${video.height}` : '–' }),
    element('td', { text: `${peakViewers}` }),
  )
}
