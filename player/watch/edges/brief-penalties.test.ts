import type Hls from 'hls.js'
import { Events } from 'hls.js'
import { expect, test } from 'vitest'
import { briefPenalties } from './brief-penalties.ts'

/** Creates the controller without media, with penalties for the edges `a` and `b` since time 0. */
function open() {
  const listeners = new Map<string, (event: string, data: object) => void>()
  const player = {
    logger: { trace() {}, debug() {}, log() {}, warn() {}, info() {}, error() {} },
    on: (event: string, listener: (event: string, data: object) => void, context?: object) =>
      listeners.set(event, listener.bind(context)),
  }
  let time = 0
  const Controller = briefPenalties(() => time)
  const controller = new Controller(player as unknown as Hls) as unknown as {
    penalizedPathways: Record<string, number>
  }
  controller.penalizedPathways = { a: 0, b: 0 }
  /** Reports a steering manifest at `atMs`. Returns the edges that are still avoided. */
  const hear = (atMs: number, priority: string[]) => {
    time = atMs
    const steeringManifest = { 'PATHWAY-PRIORITY': priority }
    listeners.get(Events.STEERING_MANIFEST_LOADED)?.(Events.STEERING_MANIFEST_LOADED, { steeringManifest })
    return Object.keys(controller.penalizedPathways)
  }
  return { hear }
}

test('an edge that failed is used again when the steering server has listed it for a while', () => {
  const { hear } = open()
  expect(hear(5000, ['a', 'c']), 'at once').toEqual(['a', 'b'])
  expect(hear(25_000, ['c', 'a']), 'later').toEqual(['b'])
})
