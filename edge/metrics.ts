import { addGauge, Counter, createMetrics, Gauge, type Registry } from '../core/process/metrics.ts'
import { objectClasses } from './objects/playback-request.ts'
import { type OverloadState, overloadSteps } from './overload/overload-control.ts'
import type { ProcessLoad } from './overload/process-load.ts'
import type { RequestPath } from './playback/request-path.ts'
import type { EdgeServer } from './server.ts'
import type { Viewers } from './viewers/viewers.ts'

/** Sources of the metrics of one process. */
export interface EdgeFigures {
  path: RequestPath['figures']
  server: Pick<EdgeServer, 'connections' | 'handedOver' | 'slowClients'>
  overload: { readonly state: OverloadState }
  load(): ProcessLoad
}

/** Creates the Prometheus metrics of one process. Their values are read at each scrape. */
export function createEdgeMetrics({ path, server, overload, load }: EdgeFigures): Registry {
  const registry = createMetrics('edge')
  addRequestMetrics(registry, path)
  addUpstreamMetrics(registry, path)
  addCacheMetrics(registry, path)
  addConnectionMetrics(registry, server)
  addLoadMetrics(registry, overload, load)
  return registry
}

function addRequestMetrics(registry: Registry, { stats, flights }: EdgeFigures['path']) {
  addCounter(registry, 'requests_total', 'Media requests by kind of response', ['answer'], (counter) => {
    counter.inc({ answer: 'hit' }, stats.hits)
    counter.inc({ answer: 'stale' }, stats.stale)
    counter.inc({ answer: 'miss' }, stats.misses)
    counter.inc({ answer: 'coalesced' }, stats.coalesced)
  })
  addCounter(registry, 'errors_total', 'Responses other than an object, by reason', ['reason'], (counter) => {
    for (const [reason, count] of stats.failures) counter.inc({ reason }, count)
  })
  addCounter(registry, 'sent_bytes_total', 'Bytes of bodies sent to viewers', [], (counter) =>
    counter.inc(stats.bytes),
  )
  addCounter(registry, 'relaxed_playlists_total', 'Playlists sent without parts', [], (counter) =>
    counter.inc(stats.relaxed),
  )
  addEdgeGauge(registry, 'waiting_requests', 'Requests that wait for an origin', () => flights.waiting)
}

function addUpstreamMetrics(registry: Registry, { stats, flights, origins }: EdgeFigures['path']) {
  const labels = ['class', 'outcome']
  addCounter(registry, 'upstream_requests_total', 'Requests to origins', labels, (counter) => {
    for (const kind of objectClasses) {
      counter.inc({ class: kind, outcome: 'answer' }, stats.upstream[kind].responses)
      counter.inc({ class: kind, outcome: 'failure' }, stats.upstream[kind].failures)
    }
  })
  addCounter(registry, 'upstream_bytes_total', 'Bytes of bodies from origins', ['class'], (counter) => {
    for (const kind of objectClasses) counter.inc({ class: kind }, stats.upstream[kind].bytes)
  })
  addEdgeGauge(
    registry,
    'flights',
    'Requests to origins in flight, held ones included',
    () => flights.flights,
  )
  addEdgeGauge(registry, 'sessions', 'Sessions whose origin is known', () => origins.size, 'max')
}

function addCacheMetrics(registry: Registry, { cache, memory }: EdgeFigures['path']) {
  addEdgeGauge(
    registry,
    'cache_limit_bytes',
    'Bytes that the cache may hold; less than set while the rest of the process uses more',
    () => cache.limitBytes,
  )
  addEdgeGauge(registry, 'cache_bytes', 'Bytes held in the cache', () => cache.bytes)
  addEdgeGauge(registry, 'cache_objects', 'Objects held in the cache', () => cache.size)
  addEdgeGauge(
    registry,
    'cache_retired_objects',
    'Evicted media that is still being sent to viewers',
    () => memory.waiting,
  )
}

function addConnectionMetrics(registry: Registry, server: EdgeFigures['server']) {
  const { connections, slowClients } = server
  addEdgeGauge(registry, 'connections', 'Open client connections', () => connections.open)
  addCounter(
    registry,
    'connections_refused_total',
    'Connections closed on arrival, beyond a limit',
    [],
    (each) => each.inc(connections.refused),
  )
  addCounter(registry, 'handed_over_total', 'Connections that left the hot path for node:http', [], (each) =>
    each.inc(server.handedOver),
  )
  addEdgeGauge(
    registry,
    'draining_answers',
    'Responses that clients have not taken completely yet',
    () => slowClients.draining,
  )
  addCounter(
    registry,
    'slow_readers_cut_total',
    'Connections cut because a response was not taken in time',
    [],
    (each) => each.inc(slowClients.cut),
  )
}

function addLoadMetrics(registry: Registry, overload: EdgeFigures['overload'], load: () => ProcessLoad) {
  addEdgeGauge(
    registry,
    'admission_step',
    'Response to overload: 0 none, playlists without parts for 1 newcomers or 2 all, 3 newcomers are refused',
    () => overloadSteps.indexOf(overload.state.step),
    'max',
  )
  addEdgeGauge(registry, 'loop_delay_ms', 'Recent delay of the event loop', () => load().delayMs, 'max')
  addEdgeGauge(
    registry,
    'loop_busy_ratio',
    'Share of time that the event loop is busy',
    () => load().busy,
    'max',
  )
  addEdgeGauge(registry, 'egress_bits_per_second', 'Response bodies sent to viewers', () => load().egressBits)
}

/** Maximum number of channels in the viewer metric. Only the most watched ones are included. */
const maxChannels = 1000

/**
 * Adds the metric of viewers by channel. One process of an edge counts the viewers of all, so only that
 * process has this metric.
 */
export function addViewerMetrics(
  registry: Registry,
  viewers: Pick<Viewers, 'count'>,
  now: () => number,
): void {
  new Gauge({
    name: 'nowcast_edge_viewers',
    help: 'Viewers at this edge, by channel',
    labelNames: ['channel'],
    registers: [registry],
    collect() {
      this.reset()
      const counts = Object.entries(viewers.count(now())).sort(([, one], [, other]) => other - one)
      for (const [channel, count] of counts.slice(0, maxChannels)) this.set({ channel }, count)
    },
  })
}

const addEdgeGauge = (
  registry: Registry,
  name: string,
  help: string,
  read: () => number,
  aggregator: 'sum' | 'max' = 'sum',
) => addGauge(registry, { name: `nowcast_edge_${name}`, help, aggregator }, read)

function addCounter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  read: (counter: Counter) => void,
) {
  new Counter({
    name: `nowcast_edge_${name}`,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      read(this)
    },
  })
}
