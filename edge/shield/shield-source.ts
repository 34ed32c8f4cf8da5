import { hash } from 'node:crypto'
import type { Origin } from '../../core/contracts/live-records.ts'
import type { RuleSource } from '../access/rule-watch.ts'
import type { OriginSource } from '../upstream/origin-watch.ts'
import type { SharedOrigin } from './cluster-state.ts'
import type { Shields } from './shields.ts'

/**
 * Adds placeholders for the fields that shields do not share. Requests go to the shield in use, whatever
 * `url` says, and names of renditions are learned from playlists.
 */
const asOrigin = (shared: SharedOrigin): Origin => ({
  ...shared,
  transcoder: '',
  url: 'http://shield',
  renditions: [],
  health: { speed: 1, behindMs: 0, overloaded: false },
  nextMsn: 0,
  discontinuity: 0,
})

/** Creates sources of origins and playback rules that read the state of shields instead of Redis. */
export function shieldSourcesOf(shields: Pick<Shields, 'state' | 'onChange'>): {
  origins: OriginSource
  rules: RuleSource
} {
  const rules = async () => (await shields.state()).rules
  return {
    origins: {
      origins: async () => (await shields.state()).origins.map(asOrigin),
      origin: async (sessionId) =>
        (await shields.state()).origins.filter((shared) => shared.sessionId === sessionId).map(asOrigin)[0],
      // A shield still lists the last origin of a live session while the session moves to another one, so
      // `origins` has all live sessions.
      sessionIds: async () => [],
      watch: (_, onReady) => shields.onChange(onReady),
    },
    rules: {
      version: async () => hash('sha1', JSON.stringify(await rules()), 'hex'),
      read: rules,
      watch: (onChange) => shields.onChange(onChange),
    },
  }
}
