import { hash } from 'node:crypto'
import type { Origin } from '../../core/contracts/live-records.ts'
import type { PlaybackRules } from '../../core/contracts/playback-rules.ts'
import type { Access } from '../access/access.ts'
import type { KnownRules } from '../access/rule-watch.ts'
import type { Exchange } from '../http/exchange.ts'
import { sendFailure, sendText, textHeaders } from '../http/responses.ts'
import { notFound } from '../objects/failure.ts'
import type { OriginTable } from '../upstream/origin-table.ts'

/**
 * Path at which an edge shares its state with other edges. With `?after=<tag>` the response is 304 while the
 * state still has that tag.
 */
export const clusterStatePath = '/cluster/state'

/** The fields of an origin that are shared with other edges. */
export type SharedOrigin = Pick<Origin, 'sessionId' | 'channelId' | 'slug' | 'epoch' | 'state'>

/** What another edge must know to serve viewers without Redis. */
export interface ClusterState {
  /** Origins in the order in which they were added, so the newest session of a channel comes last. */
  origins: SharedOrigin[]
  rules: PlaybackRules
}

/**
 * Time for which the text of the state is reused, ms, because other edges request it several times a second.
 */
const keptMs = 100

export interface ClusterStateOptions {
  origins: Pick<OriginTable, 'all'>
  rules: KnownRules
  access: Pick<Access, 'isPeer'>
  /** Returns why other edges should not use this one; undefined when they may. */
  problem(): string | undefined
  now(): number
}

/**
 * Creates a handler of requests for the state. Clients that are not edges get 404, as for an unknown path. It
 * returns false, without a response, for any other path.
 */
export function createClusterStateHandler(options: ClusterStateOptions) {
  const { origins, rules, access, problem, now } = options
  let text = ''
  let tag = ''
  let madeAt = -Infinity

  function refresh() {
    if (now() - madeAt < keptMs) return
    madeAt = now()
    const state: ClusterState = {
      origins: [...origins.all()].map(({ sessionId, channelId, slug, epoch, state }) => {
        return { sessionId, channelId, slug, epoch, state }
      }),
      rules: { signed: Object.fromEntries(rules.signed), revoked: Object.fromEntries(rules.revoked) },
    }
    text = JSON.stringify(state)
    tag = tagOf(text)
  }

  return (exchange: Exchange): boolean => {
    const [path, query = ''] = exchange.target.split('?', 2)
    if (path !== clusterStatePath) return false
    const trouble = problem()
    if (!access.isPeer(exchange)) sendFailure(exchange, notFound)
    else if (trouble !== undefined) sendText(exchange, 503, `${trouble}\n`)
    else {
      refresh()
      if (query === `after=${tag}`) exchange.send(304, [...textHeaders], null)
      else sendText(exchange, 200, text)
    }
    return true
  }
}

/** Returns the tag of the text of a state, as in `?after=<tag>`. */
export const tagOf = (text: string | Buffer): string => hash('sha1', text, 'base64url')
