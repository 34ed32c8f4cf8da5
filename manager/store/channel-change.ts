import { type Channel, channelOf, selectChannels } from './channel-record.ts'
import { renewCheckpoint } from './checkpoints.ts'
import { rulesMark } from './playback-rules.ts'
import type { Database } from './tables.ts'

/** Checkpoint that is renewed with every change to what a key grants, in the same transaction. */
export const grantsMark = 'grants'

/**
 * Runs `work` and, in the same transaction, renews the checkpoints by which mirrors notice changes to
 * channels.
 */
export function changeChannels<T>(database: Database, work: (db: Database) => Promise<T>): Promise<T> {
  return database.transaction().execute(async (transaction) => {
    // The checkpoints come first: Postgres locks their rows, so changes of several managers run one after the
    // other. Without that, one could delete a slate that another begins to refer to.
    await renewCheckpoint(transaction, grantsMark)
    await renewCheckpoint(transaction, rulesMark)
    return work(transaction)
  })
}

export async function channelById(db: Database, id: string): Promise<Channel | undefined> {
  const row = await selectChannels(db).where('id', '=', id).executeTakeFirst()
  return row && channelOf(row)
}
