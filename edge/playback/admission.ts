import type { Access } from '../access/access.ts'
import type { Exchange } from '../http/exchange.ts'
import { parsePlaybackRequest, startsPlayback } from '../objects/playback-request.ts'
import type { OverloadState } from '../overload/overload-control.ts'
import type { OriginTable } from '../upstream/origin-table.ts'
import type { Audience } from '../viewers/audience.ts'
import type { Observer } from '../viewers/observer.ts'

export interface AdmissionOptions {
  overload: { readonly state: OverloadState }
  access: Pick<Access, 'refusal' | 'isPeer'>
  origins: Pick<OriginTable, 'liveOn'>
  audience: Pick<Audience, 'knows'>
  observer: Pick<Observer, 'viewerOf'>
}

export type Admission = ReturnType<typeof createAdmission>

/** Whether a target may be that of a multivariant playlist or a start bundle, with which playback begins. */
const isForNewcomers = (target: string) => target.includes('/index.m3u8') || target.includes('/start-')

/** Decides during overload which newcomers are admitted. Everyone else is always admitted. */
export function createAdmission({ overload, access, origins, audience, observer }: AdmissionOptions) {
  /** Whether a request would start playback for a viewer who is not watching yet. */
  function isNewcomer(exchange: Exchange, target: string, time: number): boolean {
    if (!isForNewcomers(target) || access.isPeer(exchange)) return false
    const request = parsePlaybackRequest(target)
    if (typeof request === 'number' || !startsPlayback(request.path.kind)) return false
    const { slug } = request.path
    // A client without access is not refused here as a newcomer but later with 403, so it does not learn
    // whether the channel is live.
    if (access.refusal(exchange, slug) !== undefined) return false
    // A channel that is not live cannot be full.
    return origins.liveOn(slug) !== undefined && !audience.knows(observer.viewerOf(exchange), time)
  }

  return {
    /**
     * Returns false for a newcomer who must be refused, which is decided at random by `admitRatio`. `target`
     * is without token and CMCD.
     */
    admits(exchange: Exchange, target: string, time: number): boolean {
      const { admitRatio } = overload.state
      return admitRatio >= 1 || !isNewcomer(exchange, target, time) || Math.random() < admitRatio
    },
  }
}
