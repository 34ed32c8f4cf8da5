import type { EventView } from '../../core/api/event.ts'
import type { StoredEvent } from '../store/events.ts'

/** Returns the cursor of a reader that has read the log up to a position. */
export const eventCursor = (position: number) => `e.${position}`

/** Returns the position of a cursor. Schemas admit only such cursors. */
export const readEventCursor = (cursor: string) => Number(cursor.slice(2))

/** Returns an event as all readers of the log get it. */
export function eventView({
  id,
  type,
  at,
  slug,
  channelId,
  sequence,
  position,
  data,
}: StoredEvent): EventView {
  return {
    id,
    type,
    timestamp: new Date(at).toISOString(),
    channel: slug,
    channelId,
    sequence,
    cursor: eventCursor(position),
    data,
  }
}
