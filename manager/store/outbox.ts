import type { EventType } from '../../core/api/event.ts'
import { newDeliveryId } from '../../core/contracts/ids.ts'
import type { Database, DeliveryRow, EventRow, WebhookRow } from './tables.ts'

type EventIdentity = Pick<EventRow, 'position' | 'id' | 'type' | 'channel_id' | 'slug'>
type Choice = Pick<WebhookRow, 'types' | 'channels'>

/** Lane of the events that are about no channel. */
const commonLane = 'common'

/** Returns a test for the events that an endpoint gets. */
export function chooses({ types, channels }: Choice): (event: Pick<EventRow, 'type' | 'slug'>) => boolean {
  const [ofTypes, ofChannels] = [readChoice(types), readChoice(channels)]
  return ({ type, slug }) =>
    (ofTypes === null || ofTypes.includes(type)) &&
    (ofChannels === null || (slug !== null && ofChannels.includes(slug)))
}

export const readChoice = <Name extends EventType | string = string>(json: string | null) =>
  json === null ? null : (JSON.parse(json) as Name[])

/**
 * Adds deliveries of events that are written in this transaction, to each enabled endpoint that gets them.
 * The transaction must hold the lock of the log.
 */
export async function queueDeliveries(
  db: Database,
  events: readonly EventIdentity[],
  now: number,
): Promise<void> {
  const endpoints = await db
    .selectFrom('webhooks')
    .select(['id', 'types', 'channels'])
    .where('enabled', '=', 1)
    .execute()
  const deliveries = endpoints.flatMap(({ id, ...choice }) =>
    events.filter(chooses(choice)).map((event) => deliveryRow(id, event, now)),
  )
  await addDeliveries(db, deliveries, now)
}

/**
 * Returns a new delivery. Those of a channel follow one another, in a lane, unless `lane` names another one.
 */
export function deliveryRow(
  webhookId: string,
  { position, id, type, channel_id, slug }: EventIdentity,
  now: number,
  lane = channel_id ?? commonLane,
): DeliveryRow {
  return {
    id: newDeliveryId(),
    webhook_id: webhookId,
    lane,
    position,
    event_id: id,
    type,
    slug,
    state: 'pending',
    tries: '[]',
    created_at: now,
    ended_at: null,
  }
}

/** Maximum number of rows that one statement inserts. SQLite allows 32766 values in a statement. */
const batch = 500

/** Adds deliveries, and the lanes that they need, in a transaction that holds the lock of the log. */
export async function addDeliveries(db: Database, rows: readonly DeliveryRow[], now: number): Promise<void> {
  for (let start = 0; start < rows.length; start += batch)
    await db
      .insertInto('webhook_deliveries')
      .values(rows.slice(start, start + batch))
      .execute()
  const lanes = Map.groupBy(rows, ({ webhook_id, lane }) => `${webhook_id} ${lane}`)
  for (const [first] of lanes.values()) {
    if (first === undefined) continue
    const { webhook_id, lane } = first
    await db
      .insertInto('webhook_lanes')
      .values({ webhook_id, lane, next_at: now, leased_until: 0, attempts: 0 })
      // The update changes nothing, but waits for a manager that is about to remove the lane as empty.
      .onConflict((conflict) =>
        conflict
          .columns(['webhook_id', 'lane'])
          .doUpdateSet((set) => ({ lane: set.ref('webhook_lanes.lane') })),
      )
      .execute()
  }
}
