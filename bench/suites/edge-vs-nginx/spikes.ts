import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from '../../figures/statistics.ts'
import type { Comparison } from './comparison.ts'
import { type ConnectionGroup, openConnections } from './connection-group.ts'
import type { Contest } from './contenders.ts'

const groupSize = 2000
const partMs = 333

/** Measures what happens when all connections request the same object at once, mostly before it exists. */
export async function measureSpikes(
  { contenders, origin, base }: Contest,
  runs: number,
): Promise<Comparison[]> {
  const rows = {
    newObject: row('2000 connections, a new object, origin takes 200 ms: p99', 'ms', 260),
    newRequests: row('2000 connections, a new object: requests at the origin', '', 1),
    held: row('2000 held reloads, the part comes after 500 ms: p99', 'ms', 560),
    heldRequests: row('2000 held reloads: requests at the origin', '', 1),
    live: row('2000 poll a live playlist by held reloads: requests at the origin for each version', '', 1),
    liveMost: row('the same: most for one version', '', 1),
    livePlain: row('2000 poll a plain playlist of 1 s lifetime for 4 s: requests at the origin', ''),
  }
  let object = 0
  for (const { name, url } of contenders) {
    // Tuning affects only objects that are in the cache already.
    if (name === 'tuned') continue
    const group = await openConnections(url, groupSize)
    for (let run = 0; run < runs; run += 1) {
      object += 1
      const segment = `${base}/1/720p/${object}.m4s`
      origin.put(segment, Buffer.alloc(16_000, 'm'), { delayMs: 200 })
      rows.newObject[name].push(quantile(await group.requestAll(segment), 0.99))
      rows.newRequests[name].push(origin.requestsFor(segment))

      const held = `${base}/720p.m3u8?_HLS_msn=${object}&_HLS_part=0`
      origin.hold(held)
      // The 500 ms count from the first request, because sending all of them takes a while.
      const partExists = delay(500)
      const requests = group.requestAll(held)
      await partExists
      origin.put(held, Buffer.alloc(1500, 'p'))
      rows.held[name].push(quantile(await requests, 0.99))
      rows.heldRequests[name].push(origin.requestsFor(held))
    }
    const live = await pollHeld(group, origin, `${base}/live-${name}.m3u8`)
    rows.live[name].push(live.total / live.versions)
    rows.liveMost[name].push(live.most)
    rows.livePlain[name].push(await pollPlain(group, origin, `${base}/plain-${name}.m3u8`))
    group.close()
  }
  return Object.values(rows)
}

const row = (name: string, unit: string, atMost?: number): Comparison => ({
  name,
  unit,
  nowcast: [],
  nginx: [],
  tuned: [],
  ...(atMost === undefined ? {} : { must: { atMost } }),
})

/**
 * Lets all connections follow a playlist by blocking reloads while new versions are made. Returns the number
 * of versions, of requests at the origin, and of requests for the version that had the most.
 */
async function pollHeld(group: ConnectionGroup, origin: Contest['origin'], playlist: string) {
  const versions = 12
  const targetOf = (version: number) => `${playlist}?_HLS_msn=${version}&_HLS_part=0`
  for (let version = 0; version < versions; version += 1) origin.hold(targetOf(version))
  const followers = Array.from({ length: group.size }, async (_, member) => {
    for (let version = 0; version < versions; version += 1) await group.request(member, targetOf(version))
  })
  for (let version = 0; version < versions; version += 1) {
    await delay(partMs)
    origin.put(targetOf(version), Buffer.alloc(1500, 'p'), { maxAge: 12 })
  }
  await Promise.all(followers)
  const counts = Array.from({ length: versions }, (_, version) => origin.requestsFor(targetOf(version)))
  return { versions, total: counts.reduce((sum, each) => sum + each, 0), most: Math.max(...counts) }
}

/**
 * Lets all connections request a plain playlist about once a second for 4 s. Returns the number of requests
 * at the origin.
 */
async function pollPlain(
  group: ConnectionGroup,
  origin: Contest['origin'],
  playlist: string,
): Promise<number> {
  origin.put(playlist, Buffer.alloc(1500, 'p'), { maxAge: 1, delayMs: 20 })
  const end = performance.now() + 4000
  await Promise.all(
    Array.from({ length: group.size }, async (_, member) => {
      await delay((member / group.size) * 1000)
      while (performance.now() < end) {
        await group.request(member, playlist)
        await delay(1000)
      }
    }),
  )
  return origin.requestsFor(playlist)
}
