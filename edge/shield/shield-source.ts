import { hash } from 'node:crypto'
import type { Origin } from '../../core/contracts/live-records.ts'
import type { RuleSource } from '../access/rule-watch.ts'
import type { OriginSource } from '../upstream/origin-watch.ts'
import type { ToldOrigin } from './cluster-state.ts'
import type { Shields } from './shields.ts'

/** All sessions of a shield are to be had of it. */
const asOrigin = (told: ToldOrigin): Origin => ({
  ...told,
  transcoder: '',
  url: 'http://shield',
  renditions: [],
  health: { speed: 1, behindMs: 0, overloaded: false },
  nextMsn: 0,
  discontinuity: 0,
})

/** What shields know as the source of origins and of playback rules: Redis is not needed for either. */
export function shieldSources(shields: Pick<Shields, 'state' | 'onChange'>): {
  origins: OriginSource
  rules: RuleSource
} {
  const rules = async () => (await shields.state()).rules
  return {
    origins: {
      origins: async () => (await shields.state()).origins.map(asOrigin),
      origin: async (sessionId) =>
        (await shields.state()).origins.filter((told) => told.sessionId === sessionId).map(asOrigin)[0],
      // A shield goes on telling of a session between two origins, so there are none beside those.
      sessionIds: async () => [],
      watch: (_, onReady) => shields.onChange(onReady),
    },
    rules: {
      version: async () => hash('sha1', JSON.stringify(await rules())),
      read: rules,
      watch: (onChange) => shields.onChange(onChange),
    },
  }
}
