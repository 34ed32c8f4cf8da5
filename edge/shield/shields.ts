import type { Log } from '../../core/process/log.ts'
import { type Failure, unreachable } from '../objects/failure.ts'
import {
  createUpstream,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamRequest,
} from '../upstream/upstream.ts'
import { type ClusterState, clusterStatePath, tagOf } from './cluster-state.ts'

/** `up`: it serves. `leaving`: it answers, but asks to be left alone, or knows nothing yet. `down`: it does not answer. */
type Health = 'up' | 'leaving' | 'down'

interface Shield {
  readonly url: string
  health: Health
  /** Looks in a row in which it was up. */
  streak: number
  tag: string
  state: ClusterState | undefined
  /** Ends what is asked of it, when it goes down. */
  asking: AbortController
  looking: Promise<void> | undefined
}

export interface ShieldsOptions {
  log: Log
  everyMs?: number
  /** One that does not answer a look in this time is down: it hangs, or is cut off. */
  lookMs?: number
}

/** Looks in a row after which one that came back is preferred again to one behind it. */
const trustedAfter = 8
const longestState = 16 << 20

export type Shields = ReturnType<typeof createShields>

/**
 * The edges that this one asks in the place of origins, the one to be preferred first. Each is looked at several times a second; these
 * looks bring what is live as well. `upstream` asks for media, `looks` for that alone, so that a crowd never stands in its way.
 */
export function createShields(
  urls: readonly string[],
  { upstream, looks }: { upstream: Upstream; looks: Upstream },
  { log, everyMs = 250, lookMs = 1500 }: ShieldsOptions,
) {
  const shields = urls.map(
    (url): Shield => ({
      ...{ url, health: 'down', streak: trustedAfter, tag: '', state: undefined, looking: undefined },
      asking: new AbortController(),
    }),
  )
  const listeners = new Set<() => void>()

  const current = (): Shield | undefined =>
    shields.find(({ health, streak }) => health === 'up' && streak >= trustedAfter) ??
    shields.find(({ health }) => health === 'up') ??
    shields.find(({ health }) => health === 'leaving')

  function judge(shield: Shield, health: Health) {
    const before = current()
    const former = shield.health
    shield.health = health
    if (health === 'up') shield.streak += 1
    else if (former !== 'down') shield.streak = 0
    if (health === 'down') {
      shield.asking.abort()
      shield.asking = new AbortController()
    }
    if (former !== health) log.warn({ url: shield.url, health }, 'upstream edge')
    if (current() !== before) tell()
  }

  function tell() {
    for (const listener of listeners) listener()
  }

  async function lookAt(shield: Shield): Promise<void> {
    const answer = await looks.fetch({
      url: shield.url,
      target: `${clusterStatePath}?after=${shield.tag}`,
      isHeld: false,
      longestBody: longestState,
      signal: AbortSignal.timeout(lookMs),
    })
    if (!('body' in answer)) return judge(shield, 'down')
    if (answer.status === 200) {
      shield.tag = tagOf(answer.body)
      shield.state = JSON.parse(answer.body.toString()) as ClusterState
    }
    const isUp = answer.status === 200 || answer.status === 304
    judge(shield, isUp ? 'up' : answer.status === 503 ? 'leaving' : 'down')
    if (answer.status === 200 && shield === current()) tell()
  }

  /** One look at a time at each. */
  function look(shield: Shield): Promise<void> {
    shield.looking ??= lookAt(shield)
      .catch((error: unknown) => {
        log.warn({ err: error, url: shield.url }, 'upstream edge says what is not to be read')
        judge(shield, 'down')
      })
      .finally(() => {
        shield.looking = undefined
      })
    return shield.looking
  }

  for (const shield of shields) void look(shield)
  const timer = setInterval(() => {
    for (const shield of shields) void look(shield)
  }, everyMs)

  async function askOf(shield: Shield, wanted: UpstreamRequest) {
    const { signal } = wanted
    const shared = shield.asking.signal
    const ended = new AbortController()
    const onAbort = () => ended.abort()
    // By hand: one of the two lives as long as the edge, and must not gather what is long over.
    for (const each of [signal, shared]) each.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    const answer = await upstream.fetch({ ...wanted, url: shield.url, signal: ended.signal })
    for (const each of [signal, shared]) each.removeEventListener('abort', onAbort)
    if ('body' in answer) return { ...answer, cacheControl: answer.cacheControl?.replace(/^private, /, '') }
    // One connection that broke says little, a look says at once whether there is nobody any more.
    if (answer.reason === 'origin_unreachable' && !ended.signal.aborted) await look(shield)
    return answer
  }

  return {
    /** Asks the first that serves; another one if that goes away over it. The URL in the request is of no meaning here. */
    async fetch(wanted: UpstreamRequest): Promise<UpstreamAnswer | Failure> {
      const first = current()
      if (first === undefined) return unreachable
      const answer = await askOf(first, wanted)
      if ('body' in answer || answer.reason !== 'origin_unreachable' || wanted.signal.aborted) return answer
      const second = current()
      return second === undefined || second === first ? answer : askOf(second, wanted)
    },

    /** What the current one said last, after another look at it. @throws Error when there is none. */
    async state(): Promise<ClusterState> {
      await Promise.all(shields.map(look))
      const state = current()?.state
      if (state === undefined) throw new Error('no upstream edge answers')
      return state
    },

    /** Calls `listener` whenever the state is another. */
    onChange: (listener: () => void): void => void listeners.add(listener),

    get current() {
      return current()?.url
    },

    close(): void {
      clearInterval(timer)
      upstream.close()
      looks.close()
    },
  }
}

/** Shields with connections of their own: they stand for many origins, and have time-outs themselves, which these must outlast. */
export function openShields(
  { upstreams, clusterSecret }: { upstreams: readonly string[]; clusterSecret: string },
  log: Log,
): Shields {
  const bounds = { answerMs: 4000, heldAnswerMs: 40_000, sockets: 256, queue: 2000, heldSockets: 4096 }
  return createShields(
    upstreams,
    {
      upstream: createUpstream({ clusterSecret, ...bounds }),
      looks: createUpstream({ clusterSecret, sockets: 2 }),
    },
    { log },
  )
}
