import { createRandom } from '../../../test/kit/random.ts'
import { countOne, type RequestError, type ViewerFigures } from '../../viewer/figures.ts'
import { createMediaRecord } from '../../viewer/media/media-record.ts'
import { createViewer } from '../../viewer/viewer.ts'
import type { Viewer, ViewerKind } from '../../viewer/viewer-options.ts'
import { createConnections } from '../../viewer/wire/connections.ts'
import type { Plan } from '../curves/plan.ts'
import { Lateness } from './lateness.ts'

/** A viewer of a crowd that has arrived. Times are ms after the start of the curve. */
export interface CrowdMember {
  viewer: Viewer
  kind: ViewerKind
  isInsider: boolean
  arrivedMs: number
  /** Set when the viewer has left. */
  leftMs: number | undefined
  /** Index of the server that is requested. */
  server: number
}

export interface CrowdOptions {
  urls: readonly string[]
  path: string
  isLowLatency: boolean
  /** Players of the viewers, in turn. */
  kinds: readonly ViewerKind[]
  plan: Plan
  /** When the curve begins, ms of `performance.now()`. */
  startsAt: number
}

/** Requests of all members so far. */
interface CrowdTotals {
  requests: number
  errors: number
}

export type Crowd = ReturnType<typeof createCrowd>

/** Longest sleep between two arrivals, ms. Timers have a resolution of 1 ms. */
const maxSleepMs = 1000

/**
 * Creates a crowd that arrives and leaves as planned. All viewers leave when nothing plays for too long, as
 * people do.
 */
export function createCrowd({ urls, path, isLowLatency, kinds, plan, startsAt }: CrowdOptions) {
  const members: CrowdMember[] = []
  const totals: CrowdTotals = { requests: 0, errors: 0 }
  const errors = new Map<RequestError, number>()
  const record = createMediaRecord()
  const lateness = new Lateness()
  const random = createRandom(plan.seed)
  const servers = urls.map((url) => new URL(url))
  const { after, cancelAll } = createTimers()
  const now = () => performance.now() - startsAt
  function countError(error: RequestError | undefined) {
    if (error === undefined) return
    totals.errors++
    countOne(errors, error)
  }

  function admit(index: number) {
    const planned = plan.viewers[index]
    const server = index % servers.length
    const url = servers[server]
    if (planned === undefined || url === undefined) return
    const kind = kinds[index % kinds.length] ?? 'plain'
    const member: CrowdMember = {
      kind,
      isInsider: planned.isInsider,
      arrivedMs: now(),
      leftMs: undefined,
      server,
      viewer: createViewer(
        {
          connect: (onDrop) => createConnections({ url, userAgent: `viewer-${index}`, onDrop }),
          record,
          onRequest: () => void totals.requests++,
          onResponse(kind, target, sentAt, error) {
            countError(error)
            if (kind === 'playlist' && error === undefined)
              lateness.add(target, sentAt, performance.now(), now() >= 0)
          },
          onLeave: () => (member.leftMs = now()),
        },
        {
          ...{ kind, isLowLatency },
          path,
          viewerId: `v${index}`,
          isPatient: false,
          random,
        },
      ),
    }
    members.push(member)
    member.viewer.start()
    if (planned.leaveMs === undefined) return
    after(planned.leaveMs - now(), () => member.viewer.leave())
  }
  function admitDue(from: number) {
    let index = from
    for (; (plan.viewers[index]?.arriveMs ?? Number.POSITIVE_INFINITY) <= now(); index++) admit(index)
    const next = plan.viewers[index]
    if (next !== undefined) after(Math.min(maxSleepMs, next.arriveMs - now()), () => admitDue(index))
  }

  return {
    members: members as readonly CrowdMember[],
    totals: totals as Readonly<CrowdTotals>,
    errors: errors as ReadonlyMap<RequestError, number>,
    lateness: lateness as Pick<Lateness, 'summary'>,
    /** Begins with the first arrival when it is due. */
    start: () => admitDue(0),
    /** Lets all viewers change to the other variant, evenly within `ms`. */
    switchAll(ms: number) {
      for (const [index, { viewer }] of members.entries())
        after((index / members.length) * ms, () => viewer.switchTo(viewer.level() === 0 ? 1 : 0))
    },
    /** Ends all arrivals, and lets all viewers leave. Returns their figures. */
    stop(): ViewerFigures[] {
      cancelAll()
      return members.map(({ viewer }) => viewer.leave())
    },
  }
}

/** Creates timers that can be cancelled together. */
function createTimers() {
  const timers = new Set<NodeJS.Timeout>()
  return {
    after(ms: number, run: () => void) {
      const timer = setTimeout(
        () => {
          timers.delete(timer)
          run()
        },
        Math.max(0, ms),
      )
      timers.add(timer)
    },
    cancelAll() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
