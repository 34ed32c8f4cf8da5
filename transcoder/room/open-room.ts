import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import {
  announceOffer,
  type TranscoderOffer,
  transcoderOffers,
} from '../../core/contracts/transcode/transcoder-offers.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'
import { createPlacement, type PlacementOptions } from './placement.ts'
import { createRoom } from './room.ts'

export interface OpenRoomOptions {
  redis: Redis
  registry: Pick<LiveRegistry, 'session'>
  instance: string
  settings: Pick<PlacementOptions, 'ladder' | 'segmentMs'> & {
    /** Work that this process can do at a time, megapixels/s; 0: no limit. */
    capacity: number
    /** Maximum number of sessions, apart from those that wait for their publishers. */
    sessions: number
  }
  /** Returns the present number of such sessions. Not called before the next task. */
  sessions(): number
  log: Log
}

/** Creates the room of this process, and announces it to the other transcoders until `close`. */
export function openRoom({ redis, registry, instance, settings, sessions, log }: OpenRoomOptions) {
  const room = createRoom({ capacity: settings.capacity || Infinity, onChange: () => offer.changed() })

  function own(): TranscoderOffer {
    const { capacity } = room.figures()
    const places = { sessions: sessions(), maxSessions: settings.sessions }
    const ownCapacity = Number.isFinite(capacity) ? capacity : null
    return { instance, capacity: ownCapacity, wanted: room.wanted(), ...places }
  }

  const offer = announceOffer(redis, { instance, read: own, log })
  const offers = () => transcoderOffers(redis)
  const { reserve } = createPlacement({ ...settings, room, own, offers, session: registry.session })
  return {
    allowanceOf: room.allowanceOf,
    figures: room.figures,
    reserve,
    release: room.leave,
    close: offer.withdraw,
  }
}
