import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from '../statistics.ts'
import type { Comparison } from './comparison.ts'
import type { Contest } from './contenders.ts'
import { type Crowd, gatherCrowd } from './crowd.ts'

const crowdSize = 2000
const partMs = 333

/** What happens when everybody wants the same thing that is not there yet. */
export async function measureSpikes(
  { contenders, origin, base }: Contest,
  runs: number,
): Promise<Comparison[]> {
  const rows = {
    newObject: row('2000 connections, a new object, origin takes 200 ms: p99', 'ms', 260),
    newAsked: row('the same: requests at the origin', '', 1),
    held: row('2000 held reloads, the part comes after 500 ms: p99', 'ms', 560),
    heldAsked: row('the same: requests at the origin', '', 1),
    live: row('2000 poll a live playlist by held reloads: requests at the origin for each version', '', 1),
    liveMost: row('the same: most for one version', '', 1),
    livePlain: row('2000 poll a plain playlist of 1 s lifetime for 4 s: requests at the origin', ''),
  }
  let object = 0
  for (const { name, url } of contenders) {
    // Tuning is for what is in the cache already.
    if (name === 'tuned') continue
    const crowd = await gatherCrowd(url, crowdSize)
    for (let run = 0; run < runs; run += 1) {
      object += 1
      const segment = `${base}/1/720p/${object}.m4s`
      origin.put(segment, Buffer.alloc(16_000, 'm'), { delayMs: 200 })
      rows.newObject[name].push(quantile(await crowd.ask(segment), 0.99))
      rows.newAsked[name].push(origin.asked(segment))

      const held = `${base}/720p.m3u8?_HLS_msn=${object}&_HLS_part=0`
      origin.hold(held)
      // Counted from the first question: the crowd takes a while to ask.
      const made = delay(500)
      const asking = crowd.ask(held)
      await made
      origin.put(held, Buffer.alloc(1500, 'p'))
      rows.held[name].push(quantile(await asking, 0.99))
      rows.heldAsked[name].push(origin.asked(held))
    }
    const live = await pollHeld(crowd, origin, `${base}/live-${name}.m3u8`)
    rows.live[name].push(live.total / live.versions)
    rows.liveMost[name].push(live.most)
    rows.livePlain[name].push(await pollPlain(crowd, origin, `${base}/plain-${name}.m3u8`))
    crowd.close()
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

/** Everybody follows a playlist by held reloads while new versions are made. */
async function pollHeld(crowd: Crowd, origin: Contest['origin'], playlist: string) {
  const versions = 12
  const targetOf = (version: number) => `${playlist}?_HLS_msn=${version}&_HLS_part=0`
  for (let version = 0; version < versions; version += 1) origin.hold(targetOf(version))
  const followers = Array.from({ length: crowd.size }, async (_, member) => {
    for (let version = 0; version < versions; version += 1) await crowd.askOne(member, targetOf(version))
  })
  for (let version = 0; version < versions; version += 1) {
    await delay(partMs)
    origin.put(targetOf(version), Buffer.alloc(1500, 'p'), { maxAge: 12 })
  }
  await Promise.all(followers)
  const counts = Array.from({ length: versions }, (_, version) => origin.asked(targetOf(version)))
  return { versions, total: counts.reduce((sum, each) => sum + each, 0), most: Math.max(...counts) }
}

/** Everybody asks for a plain playlist about once a second. */
async function pollPlain(crowd: Crowd, origin: Contest['origin'], playlist: string): Promise<number> {
  origin.put(playlist, Buffer.alloc(1500, 'p'), { maxAge: 1, delayMs: 20 })
  const end = performance.now() + 4000
  await Promise.all(
    Array.from({ length: crowd.size }, async (_, member) => {
      await delay((member / crowd.size) * 1000)
      while (performance.now() < end) {
        await crowd.askOne(member, playlist)
        await delay(1000)
      }
    }),
  )
  return origin.asked(playlist)
}
