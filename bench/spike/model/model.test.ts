import { expect, test } from 'vitest'
import { calibrate, comparePredictions } from './calibration.ts'
import { type ModelInputs, predict } from './model.ts'

const usual: ModelInputs = {
  viewers: 10_000,
  tracks: 2,
  mbit: 3,
  partSeconds: 1 / 3,
  segmentSeconds: 2,
  renditions: 6,
  playlistKinds: 1,
  cpuPerViewer: 272e-6,
  memoryMbPer1000: 100,
  cores: 1,
  gbit: 10,
  memoryGb: 16,
  connections: 100_000,
  connectionsPerViewer: 4,
  fanOut: 60,
  pricePerGb: 0.085,
  pricePer10kRequests: 0.01,
  pricePerEdgeHour: 0,
}

test('a low-latency viewer sends a playlist and a media request for each part and track', () => {
  const { requestsPerSecond, gbit } = predict(usual)
  expect(requestsPerSecond).toBeCloseTo(120_000)
  expect(gbit).toBe(30)
})

test('classic HLS needs a sixth of the requests', () => {
  expect(predict({ ...usual, partSeconds: 0 }).requestsPerSecond).toBe(20_000)
})

test('the resource that needs the most edges is the bottleneck', () => {
  expect(predict(usual)).toMatchObject({ edges: 5, bottleneck: 'cpu', nextBottleneck: 'network' })
  expect(predict({ ...usual, mbit: 30 })).toMatchObject({
    edges: 38,
    bottleneck: 'network',
    nextBottleneck: 'cpu',
  })
  expect(predict({ ...usual, memoryMbPer1000: 20_000 })).toMatchObject({ edges: 16, bottleneck: 'memory' })
  expect(predict({ ...usual, connections: 1000 })).toMatchObject({ edges: 40, bottleneck: 'connections' })
})

test('the origin has as many children as the last tier of shields, whatever the crowd', () => {
  expect(predict(usual).shields).toEqual([])
  expect(predict(usual).originRequestsPerSecond).toBeCloseTo(5 * 2 * 18)
  const million = predict({ ...usual, viewers: 1_000_000 })
  expect(million).toMatchObject({ edges: 454, shields: [8] })
  const tenMillion = predict({ ...usual, viewers: 10_000_000 })
  expect(tenMillion.shields).toEqual([76, 2])
  expect(tenMillion.originRequestsPerSecond).toBeCloseTo(2 * 2 * 18)
})

test('the price is that of traffic, requests and servers', () => {
  const { traffic, requests, servers, total } = predict({ ...usual, pricePerEdgeHour: 1 })
  expect(traffic).toBeCloseTo(0.115, 3)
  expect(requests).toBeCloseTo(0.043, 3)
  expect(servers).toBeCloseTo(0.0005, 6)
  expect(total).toBeCloseTo(traffic + requests + servers)
})

test('calibration finds the line through two points, and one through 0 for a single point', () => {
  const points = [250, 500].map((viewers) => ({ viewers, value: 0.05 + viewers / 1000 }))
  const line = calibrate(points)
  expect(line.base).toBeCloseTo(0.05)
  expect(line.perViewer).toBeCloseTo(0.001)
  expect(calibrate([{ viewers: 100, value: 2 }])).toEqual({ base: 0, perViewer: 0.02 })
})

test('predictions have signed errors, and are claimed up to a fifth', () => {
  const calibration = [250, 500].map((viewers) => ({ viewers, value: viewers }))
  const unseen = [
    { architecture: 'c', viewers: 1000, value: 1100 },
    { architecture: 'd', viewers: 1000, value: 700 },
  ]
  const [one, other] = comparePredictions('CPU', calibration, unseen)
  expect(one?.error).toBeCloseTo(-0.0909, 3)
  expect(one?.isClaimed).toBe(true)
  expect(other?.error).toBeCloseTo(0.4286, 3)
  expect(other?.isClaimed).toBe(false)
})
