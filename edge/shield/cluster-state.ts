import { hash } from 'node:crypto'
import type { Origin } from '../../core/contracts/live-records.ts'
import type { PlaybackRules } from '../../core/contracts/playback-rules.ts'
import type { Access } from '../access/access.ts'
import type { KnownRules } from '../access/rule-watch.ts'
import type { Exchange } from '../http/exchange.ts'
import { plainHeaders, sendFailure } from '../http/responses.ts'
import { notFound } from '../objects/failure.ts'
import type { OriginTable } from '../upstream/origin-table.ts'

/** Where an edge tells others what it knows; `?after=<tag>` is answered 304 as long as that is the same. */
export const clusterStatePath = '/cluster/state'

/** An origin as told to other edges: not where it is, nor what changes all the time. */
export type ToldOrigin = Pick<Origin, 'sessionId' | 'channelId' | 'slug' | 'epoch' | 'state'>

/** What another edge must know to serve viewers without Redis. */
export interface ClusterState {
  /** In the order in which they came. */
  origins: ToldOrigin[]
  rules: PlaybackRules
}

/** The same text is told for so long, ms: others ask several times a second. */
const keptMs = 100

export interface ClusterStateParts {
  origins: Pick<OriginTable, 'all'>
  rules: KnownRules
  access: Pick<Access, 'isPeer'>
  /** Why there is nothing to be told, or this edge is to be left alone; undefined when all is well. */
  problem(): string | undefined
  now(): number
}

/** Answers other edges, and nobody else. */
export function createClusterState({ origins, rules, access, problem, now }: ClusterStateParts) {
  let text = ''
  let tag = ''
  let madeAt = -Infinity

  function refresh() {
    if (now() - madeAt < keptMs) return
    madeAt = now()
    const told: ClusterState = {
      origins: [...origins.all()].map(({ sessionId, channelId, slug, epoch, state }) => {
        return { sessionId, channelId, slug, epoch, state }
      }),
      rules: { signed: Object.fromEntries(rules.signed), revoked: Object.fromEntries(rules.revoked) },
    }
    text = JSON.stringify(told)
    tag = hash('sha1', text, 'base64url')
  }

  /** False when the request is for something else. */
  return function answer(exchange: Exchange): boolean {
    const [path, query = ''] = exchange.target.split('?', 2)
    if (path !== clusterStatePath) return false
    const trouble = problem()
    if (!access.isPeer(exchange)) sendFailure(exchange, notFound)
    else if (trouble !== undefined) send(exchange, 503, `${trouble}\n`)
    else {
      refresh()
      if (query === `after=${tag}`) exchange.send(304, [...plainHeaders], null)
      else send(exchange, 200, text)
    }
    return true
  }
}

function send(exchange: Exchange, status: number, body: string) {
  const length = String(Buffer.byteLength(body))
  exchange.send(status, [...plainHeaders, 'content-length', length], exchange.isHead ? null : body)
}

/** The tag that a state is asked for by. */
export const tagOf = (text: Buffer): string => hash('sha1', text, 'base64url')
