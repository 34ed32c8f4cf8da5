import { expect, test } from 'vitest'
import { createMoves } from './moves.ts'

/** Creates the requests of a session, with a clock that the test sets. */
function createWorld() {
  const world = { now: 0 }
  const moves = createMoves(() => world.now)
  /** Sends a request that ends with `aborted`, or when the test calls `respond`. */
  function send(isHeld: boolean, signal = new AbortController().signal) {
    const response = Promise.withResolvers<string>()
    const outcome = moves.follow({ signal, isHeld }, (own) => {
      if (own.aborted) response.resolve('aborted')
      own.addEventListener('abort', () => response.resolve('aborted'))
      return response.promise
    })
    return { outcome, respond: () => response.resolve('response') }
  }
  return { world, moves, send }
}

test('a move aborts held and late requests, and leaves young ones', async () => {
  const { world, moves, send } = createWorld()
  const late = send(false)
  world.now = 400
  const young = send(false)
  world.now = 500
  const held = send(true)
  moves.move()
  expect(await Promise.all([late.outcome, held.outcome])).toEqual(['aborted', 'aborted'])
  young.respond()
  expect(await young.outcome).toBe('response')
  expect(moves.size).toBe(0)
})

test('a client that leaves aborts its request', async () => {
  const { moves, send } = createWorld()
  const client = new AbortController()
  const request = send(true, client.signal)
  client.abort()
  expect(await request.outcome).toBe('aborted')
  expect(await send(true, client.signal).outcome).toBe('aborted')
  expect(moves.size).toBe(0)
})

test('who waits for a move learns of it, of the end of the time, or that the client left', async () => {
  const { moves } = createWorld()
  const client = new AbortController()
  const waits = [moves.next(60_000, new AbortController().signal), moves.next(60_000, client.signal)]
  expect(await moves.next(1, new AbortController().signal)).toBe(false)
  client.abort()
  moves.move()
  expect(await Promise.all(waits)).toEqual([true, false])
  expect(await moves.next(60_000, client.signal)).toBe(false)
  expect(moves.size).toBe(0)
})
