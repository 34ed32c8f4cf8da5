import { createMediaRecord } from '../viewer/media/media-record.ts'
import { createViewer } from '../viewer/viewer.ts'
import { createConnections } from '../viewer/wire/connections.ts'

/** @typedef {{ vars: Record<string, string | number> }} Context */
/** @typedef {{ emit(kind: 'counter' | 'histogram', name: string, value: number): void }} Events */

/** All viewers of this process compare what they receive. */
const record = createMediaRecord()
let viewers = 0

/**
 * Lets one simulated viewer watch a channel, and reports what the viewer experienced. Variables of the
 * scenario: `edge` (URL), `path` (of the multivariant playlist), `seconds`.
 * @param {'plain' | 'page'} kind
 * @param {Context} context
 * @param {Events} events
 */
async function watch(kind, { vars }, events) {
  const url = new URL(String(vars.edge))
  viewers += 1
  const viewerId = `artillery-${viewers}`
  const figures = await /** @type {Promise<import('../viewer/figures.ts').ViewerFigures>} */ (
    new Promise((resolve) => {
      const viewer = createViewer(
        {
          record,
          connect: (onDrop) => createConnections({ url, userAgent: viewerId, onDrop }),
          onLeave: resolve,
        },
        {
          kind,
          isLowLatency: true,
          path: String(vars.path),
          viewerId,
          isPatient: false,
        },
      )
      viewer.start()
      setTimeout(() => viewer.leave(), 1000 * Number(vars.seconds))
    })
  )
  const { joinMs, playedMs, stalledMs, errors, faults, refusals, losses } = figures
  /** @param {ReadonlyMap<unknown, number>} counts */
  const sum = (counts) => [...counts.values()].reduce((total, count) => total + count, 0)
  events.emit('counter', 'viewer.joined', joinMs === undefined ? 0 : 1)
  events.emit('counter', 'viewer.failed', joinMs === undefined ? 1 : 0)
  if (joinMs !== undefined) events.emit('histogram', 'viewer.join_ms', joinMs)
  if (playedMs > 0)
    events.emit('histogram', 'viewer.rebuffering_percent', (100 * stalledMs) / (stalledMs + playedMs))
  events.emit('counter', 'viewer.errors', sum(errors))
  events.emit('counter', 'viewer.faults', sum(faults))
  events.emit('counter', 'viewer.refusals', refusals)
  events.emit('counter', 'viewer.losses', losses)
}

// Artillery awaits functions that are declared as async; others must call a third argument.

/**
 * A viewer with hls.js and its defaults.
 * @param {Context} context
 * @param {Events} events
 */
export async function watchPlain(context, events) {
  await watch('plain', context, events)
}

/**
 * A viewer of the watch page.
 * @param {Context} context
 * @param {Events} events
 */
export async function watchPage(context, events) {
  await watch('page', context, events)
}
