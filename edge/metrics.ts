import { Counter, createMetrics, Gauge, type Registry } from '../core/process/metrics.ts'
import type { Delivery } from './delivery.ts'
import { objectClasses } from './objects/playback-request.ts'
import { admissionSteps } from './overload/overload-control.ts'
import type { Load } from './overload/process-load.ts'

type EdgeFigures = Pick<
  Delivery,
  'stats' | 'cache' | 'memory' | 'flights' | 'slowReaders' | 'origins' | 'gate'
>

/** Prometheus view of the edge's plain counters, read when somebody asks. */
export function createEdgeMetrics(
  delivery: EdgeFigures,
  server: { connections: number; refused: number; handedOver: number },
  load: () => Load,
): Registry {
  const { stats, cache, memory, flights, slowReaders, origins, gate } = delivery
  const registry = createMetrics('edge')
  const registers = [registry]

  const counter = (name: string, help: string, labelNames: string[], read: (counter: Counter) => void) =>
    new Counter({
      name: `nowcast_edge_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        read(this)
      },
    })
  /** `aggregator`: what is made of the values of several workers. */
  const gauge = (name: string, help: string, read: () => number, aggregator: 'sum' | 'max' = 'sum') =>
    new Gauge({
      name: `nowcast_edge_${name}`,
      help,
      registers,
      aggregator,
      collect() {
        this.set(read())
      },
    })

  counter('requests_total', 'Media requests by how they were answered', ['answer'], (each) => {
    each.inc({ answer: 'hit' }, stats.hits)
    each.inc({ answer: 'stale' }, stats.stale)
    each.inc({ answer: 'miss' }, stats.misses)
    each.inc({ answer: 'coalesced' }, stats.coalesced)
  })
  counter('errors_total', 'Answers other than an object, by reason', ['reason'], (each) => {
    for (const [reason, count] of stats.failures) each.inc({ reason }, count)
  })
  counter('sent_bytes_total', 'Bytes of bodies given to viewers', [], (each) => each.inc(stats.bytes))
  counter('upstream_requests_total', 'Requests to origins', ['class', 'outcome'], (each) => {
    for (const kind of objectClasses) {
      each.inc({ class: kind, outcome: 'answer' }, stats.upstream[kind].answers)
      each.inc({ class: kind, outcome: 'failure' }, stats.upstream[kind].failures)
    }
  })
  counter('upstream_bytes_total', 'Bytes of bodies from origins', ['class'], (each) => {
    for (const kind of objectClasses) each.inc({ class: kind }, stats.upstream[kind].bytes)
  })
  counter('slow_readers_cut_total', 'Connections cut because an answer was not taken in time', [], (each) =>
    each.inc(slowReaders.cut),
  )
  counter('relaxed_playlists_total', 'Playlists that went out without parts', [], (each) =>
    each.inc(stats.relaxed),
  )
  counter('connections_refused_total', 'Connections closed as they came, beyond a limit', [], (each) =>
    each.inc(server.refused),
  )
  counter('handed_over_total', 'Connections that left the hot path for node:http', [], (each) =>
    each.inc(server.handedOver),
  )
  gauge('connections', 'Open client connections', () => server.connections)
  gauge('waiting_requests', 'Requests that wait for an origin', () => flights.waiting)
  gauge('flights', 'Requests to origins on their way, held ones included', () => flights.flights)
  gauge(
    'cache_limit_bytes',
    'Bytes that may be held, less than set while the rest of the process takes more',
    () => cache.limitBytes,
  )
  gauge('cache_bytes', 'Bytes held in memory', () => cache.bytes)
  gauge('cache_objects', 'Objects held in memory', () => cache.size)
  gauge(
    'cache_retired_objects',
    'Media that the cache let go of and somebody is still being sent',
    () => memory.waiting,
  )
  gauge('draining_answers', 'Answers that viewers have not taken whole yet', () => slowReaders.draining)
  gauge(
    'admission_step',
    'What is done about the load: 0 nothing, 1 playlists without parts, 2 newcomers are refused besides',
    () => admissionSteps.indexOf(gate.step),
    'max',
  )
  gauge('loop_delay_ms', 'Longest delay of the event loop just now', () => load().delayMs, 'max')
  gauge('loop_busy_ratio', 'Share of its time that the event loop works', () => load().busy, 'max')
  gauge('egress_bits_per_second', 'Bodies given to viewers just now', () => load().egressBits)
  gauge('sessions', 'Sessions whose origin is known', () => origins.size, 'max')
  return registry
}
