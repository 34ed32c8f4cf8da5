import { Kysely, sql } from 'kysely'
import { createLog } from '../../../core/process/log.ts'
import { postgresDialect } from '../../../manager/store/dialects.ts'

/** Creates an empty database on the server of `postgresUrl`. Returns the URL of the database. */
export async function newDatabase(postgresUrl: string, name: string): Promise<string> {
  const log = createLog('test', 'error', { write: () => {} })
  const db = new Kysely({ dialect: postgresDialect(postgresUrl, log) })
  await sql`create database ${sql.id(name)}`.execute(db)
  await db.destroy()
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  return url.href
}
