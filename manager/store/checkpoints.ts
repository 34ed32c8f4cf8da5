import { randomUUID } from 'node:crypto'
import type { Database } from './tables.ts'

/** Returns the value of a checkpoint; undefined when it was never set. */
export async function readCheckpoint(db: Database, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('marks').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}

/**
 * Sets a checkpoint to a new unique value. A process that remembers the previous value notices the change.
 */
export async function renewCheckpoint(db: Database, name: string): Promise<void> {
  const value = randomUUID()
  await db
    .insertInto('marks')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

/**
 * Sets a checkpoint to `to` if its value is still `from`. Returns false when another process changed it
 * first.
 */
export async function moveCheckpoint(
  db: Database,
  name: string,
  from: string | undefined,
  to: string,
): Promise<boolean> {
  if (from === undefined) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('marks')
      .values({ name, value: to })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst()
    return numInsertedOrUpdatedRows === 1n
  }
  const { numUpdatedRows } = await db
    .updateTable('marks')
    .set({ value: to })
    .where('name', '=', name)
    .where('value', '=', from)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
