import type { SessionEvent } from '../core/contracts/session-log.ts'
import { Counter, Gauge, type Registry } from '../core/process/metrics.ts'
import type { LiveView } from './sessions/live-view.ts'

/** Figures of the whole instance, as the manager sees it; gives what must hear of session events. */
export function measureLive(registry: Registry, live: LiveView): (events: readonly SessionEvent[]) => void {
  const registers = [registry]
  new Gauge({
    name: 'nowcast_sessions_live',
    help: 'Sessions in the live registry',
    registers,
    collect() {
      this.set(live.snapshot.sessions.size)
    },
  })
  new Gauge({
    name: 'nowcast_viewers',
    help: 'Viewers of all channels over all edges',
    registers,
    collect() {
      this.set([...live.snapshot.viewers.values()].reduce((sum, count) => sum + count, 0))
    },
  })
  new Gauge({
    name: 'nowcast_live_registry_known',
    help: '1 while the live registry can be read, 0 while only the last known state serves',
    registers,
    collect() {
      this.set(live.problem === undefined ? 1 : 0)
    },
  })
  const ended = new Counter({
    name: 'nowcast_sessions_ended_total',
    help: 'Sessions whose end was written into the history, by reason',
    labelNames: ['reason'],
    registers,
  })
  return (events) => {
    for (const event of events) if (event.type === 'ended') ended.inc({ reason: event.reason })
  }
}
