import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { BundleRequest } from './bundle-request.ts'
import type { Start } from './first-request.ts'
import { readFittingStart } from './fitting-start.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A bundle request whose events the test decides. */
function fakeRequest(start: Start) {
  const response = Promise.withResolvers<void>()
  const reading = Promise.withResolvers<void>()
  const progress = { requestedAt: performance.now(), receivedBytes: 0 }
  let firstByteAt: number | undefined
  let totalBytes: number | undefined
  const request = {
    start,
    responded: () => response.promise,
    read: () => reading.promise,
    progress: () => ({ ...progress, now: performance.now(), firstByteAt, totalBytes }),
    rttMs: () => 0,
    bandwidth: () => undefined,
    abort: vi.fn(),
  } satisfies BundleRequest
  return {
    request,
    respond() {
      firstByteAt = performance.now()
      response.resolve()
    },
    fail: () => response.reject(new Error('404')),
    receive(bytes: number, total: number) {
      progress.receivedBytes = bytes
      totalBytes = total
    },
    complete: () => reading.resolve(),
  }
}

/** Begins to read with a start near the live edge. */
function begin() {
  const requests: ReturnType<typeof fakeRequest>[] = []
  const players: { hasBegun: boolean; setIndex(): void; addFile(): void }[] = []
  const chosen: BundleRequest[] = []
  const done = readFittingStart(
    {
      start: { rate: 6000, distance: 0 },
      request(start) {
        const made = fakeRequest(start)
        requests.push(made)
        return made.request
      },
      createPlayback() {
        const player = { hasBegun: false, setIndex() {}, addFile() {} }
        players.push(player)
        return player
      },
    },
    (request) => chosen.push(request),
  )
  done.catch(() => {})
  const at = (index: number) => {
    const made = requests[index]
    if (made === undefined) throw new Error(`request ${index} was not made`)
    return made
  }
  return { done, requests, players, chosen, at }
}

test('a bundle that arrives quickly is the only one', async () => {
  const race = begin()
  await vi.advanceTimersByTimeAsync(60)
  race.at(0).respond()
  race.at(0).receive(900_000, 900_000)
  await vi.advanceTimersByTimeAsync(900)
  race.at(0).complete()
  await race.done
  expect(race.chosen).toEqual([race.at(0).request])
  expect(race.requests).toHaveLength(1)
})

test('with a long round trip a smaller bundle from farther back is read', async () => {
  const race = begin()
  await vi.advanceTimersByTimeAsync(600)
  expect(race.at(1).request.start).toEqual({ rate: 400, distance: 4 })
  await vi.advanceTimersByTimeAsync(600)
  race.at(0).respond()
  await vi.advanceTimersByTimeAsync(0)
  expect(race.at(0).request.abort).toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(500)
  race.at(1).respond()
  race.at(1).complete()
  await race.done
  expect(race.chosen).toEqual([race.at(1).request])
})

test('a first response that is a little late is still the one that is read', async () => {
  const race = begin()
  await vi.advanceTimersByTimeAsync(700)
  race.at(0).respond()
  race.at(0).complete()
  await race.done
  expect(race.chosen).toEqual([race.at(0).request])
  expect(race.at(1).request.abort).toHaveBeenCalled()
})

test('a bundle that would take too long is replaced before playback begins', async () => {
  const race = begin()
  await vi.advanceTimersByTimeAsync(200)
  race.at(0).respond()
  race.at(0).receive(30_000, 900_000)
  await vi.advanceTimersByTimeAsync(400)
  expect(race.at(0).request.abort).toHaveBeenCalled()
  expect(race.at(1).request.start.rate).toBe(400)
  race.at(1).complete()
  await race.done
  expect(race.chosen).toEqual([race.at(0).request, race.at(1).request])
})

test('once playback has begun, no other bundle is requested', async () => {
  const race = begin()
  await vi.advanceTimersByTimeAsync(200)
  race.at(0).respond()
  await vi.advanceTimersByTimeAsync(0)
  for (const player of race.players) player.hasBegun = true
  race.at(0).receive(30_000, 900_000)
  await vi.advanceTimersByTimeAsync(2000)
  expect(race.requests).toHaveLength(1)
  race.at(0).complete()
  await race.done
})

test('it fails when no bundle comes', async () => {
  const race = begin()
  race.at(0).fail()
  await expect(race.done).rejects.toThrow('404')
  const slow = begin()
  await vi.advanceTimersByTimeAsync(600)
  slow.at(0).fail()
  slow.at(1).fail()
  await expect(slow.done).rejects.toThrow()
})
