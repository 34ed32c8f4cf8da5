import { sql } from 'kysely'
import type { Log } from '../../core/process/log.ts'
import { type ChannelStore, createChannelStore } from './channels.ts'
import { type DatabasePlace, openDatabase } from './database.ts'
import { createPlaybackRuleStore, type PlaybackRuleStore } from './playback-rules.ts'
import { createSessionStore, type SessionStore } from './sessions.ts'

export interface Store {
  channels: ChannelStore
  sessions: SessionStore
  playbackRules: PlaybackRuleStore
  /** Rejects when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** All that the manager keeps for good. @throws NowcastError `bad_settings` when the database cannot be used. */
export async function openStore(place: DatabasePlace, log: Log): Promise<Store> {
  const database = await openDatabase(place, log)
  return {
    channels: createChannelStore(database),
    sessions: createSessionStore(database),
    playbackRules: createPlaybackRuleStore(database),
    async ping() {
      await sql`select 1`.execute(database)
    },
    close: () => database.destroy(),
  }
}
