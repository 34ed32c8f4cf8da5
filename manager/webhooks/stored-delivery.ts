import type { EventType } from '../../core/api/event.ts'
import type { DeliveryRow } from '../store/tables.ts'

/** One attempt to deliver an event. */
export interface DeliveryTry {
  /** When it began, ms since the epoch. */
  at: number
  /** Status of the response; null when there was no response. */
  status: number | null
  /** Time to the response or the failure. */
  ms: number
  /** Word for why there was no response. */
  error: string | null
}

/** An event for a webhook. Times are ms since the epoch. */
export interface StoredDelivery {
  id: string
  lane: string
  position: number
  eventId: string
  type: EventType
  slug: string | null
  state: DeliveryRow['state']
  createdAt: number
  endedAt: number | null
  tries: DeliveryTry[]
}

export function deliveryOf(row: DeliveryRow): StoredDelivery {
  return {
    id: row.id,
    lane: row.lane,
    position: row.position,
    eventId: row.event_id,
    type: row.type as EventType,
    slug: row.slug,
    state: row.state,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    tries: JSON.parse(row.tries) as DeliveryTry[],
  }
}
