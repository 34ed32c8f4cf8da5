import type { Access } from './access/access.ts'
import { withoutCmcd } from './experience/cmcd.ts'
import type { Exchange } from './http/exchange.ts'
import { sendFailure, sendObject, sendToPeer } from './http/responses.ts'
import type { Cache } from './objects/cache.ts'
import { badRequest, edgeBusy, type Failure, moving, notFound, notLive, showFull } from './objects/failure.ts'
import type { MediaObject } from './objects/media-object.ts'
import type { Refusals } from './objects/negative-cache.ts'
import { type Wanted, wantedOf } from './objects/playback-request.ts'
import { relaxedOf } from './objects/relaxed-object.ts'
import type { Gate } from './overload/overload-control.ts'
import { countFailure, type Stats } from './stats.ts'
import type { Steer } from './steering/steered-playlist.ts'
import { isFailure, type Loader, type Outcome } from './upstream/loader.ts'
import type { KnownOrigin, OriginTable } from './upstream/origin-table.ts'
import type { OriginWatch } from './upstream/origin-watch.ts'
import type { WaitingRoom } from './upstream/waiting-room.ts'
import type { Audience } from './viewers/audience.ts'
import type { Observer } from './viewers/observer.ts'

export interface PlaybackParts {
  cache: Pick<Cache, 'get'>
  refusals: Pick<Refusals, 'get'>
  isInFlight(key: string): boolean
  access: Access
  waitingRoom: WaitingRoom<Outcome>
  loader: Loader
  origins: Pick<OriginTable, 'ofSession' | 'liveOn' | 'isMoving'>
  watch: Pick<OriginWatch, 'lookAgain'>
  observer: Observer
  audience: Pick<Audience, 'knows'>
  gate: Gate
  stats: Stats
  /** Adds to a channel's playlist where else it is to be had. */
  steer: Steer
  /** The edge's clock: ms, never running backwards. */
  now(): number
}

/** Answers viewers: from memory where it can, else by joining or starting a flight to the origin. */
export function createPlayback(parts: PlaybackParts) {
  const {
    cache,
    refusals,
    access,
    waitingRoom,
    loader,
    origins,
    watch,
    observer,
    audience,
    gate,
    stats,
    steer,
    now,
  } = parts

  /** The one way out for media and playlists: whoever waited may have lost the right to them meanwhile. */
  function give(exchange: Exchange, object: MediaObject, time: number, counted?: 'hits' | 'stale') {
    const forbidden = access.refusal(exchange, object.slug)
    if (forbidden !== undefined) return refuse(exchange, forbidden)
    if (counted !== undefined) stats[counted] += 1
    if (access.isPeer(exchange)) {
      stats.bytes += sendToPeer(exchange, object, time)
      return
    }
    const isRelaxed =
      gate.step !== 'open' && (object.class === 'playlist' || object.class === 'held_playlist')
    if (isRelaxed) stats.relaxed += 1
    stats.bytes += sendObject(exchange, isRelaxed ? relaxedOf(object) : steer(exchange, object), time)
    observer.served(exchange, object, time)
  }

  function refuse(exchange: Exchange, failure: Failure) {
    countFailure(stats, failure)
    sendFailure(exchange, failure)
  }

  /** Trouble with an origin is no reason to take away a playlist that is still of use. */
  function giveLastOrRefuse(exchange: Exchange, key: string, failure: Failure) {
    const last = failure.status >= 500 ? cache.get(key) : undefined
    const time = now()
    if (last === undefined || last.usableWhenFailing <= time) return refuse(exchange, failure)
    give(exchange, last, time, 'stale')
  }

  /** Whether this would let somebody in who does not watch yet. A show that is not on cannot be full. */
  function isNewcomer(exchange: Exchange, target: string, time: number): boolean {
    if (!target.includes('/index.m3u8') || access.isPeer(exchange)) return false
    const wanted = wantedOf(target)
    if (typeof wanted === 'number' || wanted.path.kind !== 'multivariant') return false
    // Who may not watch hears that, not whether there is a show.
    if (access.refusal(exchange, wanted.path.slug) !== undefined) return false
    return (
      origins.liveOn(wanted.path.slug) !== undefined && !audience.knows(observer.viewerOf(exchange), time)
    )
  }

  function originOf({ path }: Wanted): KnownOrigin | undefined {
    if (!access.isKnown) return undefined
    if (path.kind === 'multivariant') return origins.liveOn(path.slug)
    const known = origins.ofSession(path.sessionId)
    return known?.origin.slug === path.slug ? known : undefined
  }

  function serve(exchange: Exchange, wanted: Wanted, time: number) {
    const object = cache.get(wanted.key)
    if (object !== undefined && object.freshUntil > time) return give(exchange, object, time, 'hits')
    const forbidden = access.refusal(exchange, wanted.path.slug)
    if (forbidden !== undefined) return refuse(exchange, forbidden)
    const known = originOf(wanted)
    if (known !== undefined) return fetchFor(exchange, wanted, known, object, time)
    if (wanted.path.kind === 'multivariant')
      return refuse(exchange, origins.isMoving(wanted.path.slug) ? moving : notLive)
    const looked = watch.lookAgain()
    if (looked === undefined) return refuse(exchange, notFound)
    void looked.then(() => {
      const found = originOf(wanted)
      if (exchange.isOver) return
      if (found === undefined) refuse(exchange, notFound)
      else fetchFor(exchange, wanted, found, undefined, now())
    })
  }

  function fetchFor(
    exchange: Exchange,
    wanted: Wanted,
    known: KnownOrigin,
    lapsed: MediaObject | undefined,
    time: number,
  ) {
    // The session is in the key of every flight, so that nobody joins one to a session that was overtaken.
    const { path, key } = wanted
    const flight = path.kind === 'multivariant' ? `${key} ${known.origin.sessionId}` : key
    const mayBeOld = lapsed !== undefined && lapsed.usableWhileRefreshing > time && parts.isInFlight(flight)
    // Another edge would ask again at once: it waits for the new one.
    if (mayBeOld && !access.isPeer(exchange)) return give(exchange, lapsed, time, 'stale')
    const playlistAt = path.kind === 'multivariant' ? undefined : known.playlistAt.get(path.rendition)
    const refusal = refusals.get(key, time, playlistAt ?? -Infinity)
    if (refusal !== undefined) return giveLastOrRefuse(exchange, key, refusal)
    const entered = waitingRoom.enter(exchange, {
      key: flight,
      whenLeft: wanted.class === 'held_playlist' ? 'abort' : 'keep',
      begin: (signal) => loader.load(wanted, known, signal),
      conclude(outcome) {
        if (isFailure(outcome)) giveLastOrRefuse(exchange, key, outcome)
        else give(exchange, outcome, now())
      },
    })
    if (entered === 'full') refuse(exchange, edgeBusy)
    else if (entered === 'joined') stats.coalesced += 1
    else stats.misses += 1
  }

  return function handle(exchange: Exchange): void {
    const target = withoutCmcd(access.enter(exchange))
    const time = now()
    if (gate.letsIn < 1 && isNewcomer(exchange, target, time) && Math.random() >= gate.letsIn) {
      refuse(exchange, showFull())
      return
    }
    // Keys are canonical request targets: most requests find their object before they are read any closer.
    const object = cache.get(target)
    if (object !== undefined && object.freshUntil > time) {
      give(exchange, object, time, 'hits')
      return
    }
    const wanted = wantedOf(target)
    if (wanted === 400) refuse(exchange, badRequest)
    else if (wanted === 404) refuse(exchange, notFound)
    else serve(exchange, wanted, time)
  }
}
