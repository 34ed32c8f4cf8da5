import { createRandom } from '../random.ts'
import { type DayEvent, daySource } from './day-source.ts'
import { takeClocks } from './fast-clock.ts'
import { createMediaPath } from './media-path.ts'
import { type PlaylistFindings, watchPlaylist } from './playlist-watch.ts'

export interface SimulationOptions {
  seconds: number
  events: readonly DayEvent[]
  seed: number
  /** Called after each hour of the simulation. */
  onHour?: (hour: number) => void
}

export interface SimulationResult {
  epochs: number
  /** Number of frames whose time was not after that of the previous frame of the same kind. */
  backwards: number
  ended: string | undefined
  renditions: ReadonlyMap<string, PlaylistFindings>
}

const tickMs = 100
/** Time between two reads of the playlists, ms. */
const readMs = 1000
const hourMs = 3_600_000

/** Runs a session through ingest and transcoder with a simulated clock, faster than in real time. */
export async function simulate({
  seconds,
  events,
  seed,
  onHour,
}: SimulationOptions): Promise<SimulationResult> {
  const clock = takeClocks(Date.now())
  const path = createMediaPath()
  const watches = new Map<string, ReturnType<typeof watchPlaylist>>()
  let tickAt = tickMs

  function tickUntil(ms: number) {
    for (; tickAt <= ms; tickAt += tickMs) {
      clock.set(tickAt)
      path.tick()
      if (tickAt % readMs === 0) read()
      if (tickAt % hourMs === 0) onHour?.(tickAt / hourMs)
    }
  }

  function read() {
    const { presentation } = path
    if (presentation === undefined) return
    for (const name of presentation.streams.keys()) {
      const watch = watches.get(name) ?? watchPlaylist(name, clock.startAt)
      watches.set(name, watch)
      watch.check(presentation)
    }
  }

  try {
    for (const packet of daySource(seconds, events, createRandom(seed))) {
      tickUntil(packet.arrivesAt)
      clock.set(packet.arrivesAt)
      path.receive(packet)
    }
    const { ended } = path
    await path.stop()
    read()
    const renditions = new Map([...watches].map(([name, { findings }]) => [name, findings]))
    return { epochs: path.epochs, backwards: path.backwards, ended, renditions }
  } finally {
    clock.restore()
  }
}
