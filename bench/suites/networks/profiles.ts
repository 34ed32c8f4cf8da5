import type { Conditions, Phase, ScheduleOptions } from '../../link/conditions.ts'

/**
 * Maximum of each figure of the watch page on a network, as a median of the runs. Times are ms, shares 0..1.
 */
export interface Musts {
  joinMs?: number
  /** Time from the first frame to the first one of the top rendition. */
  topMs?: number
  stalledShare?: number
  stalls?: number
  longestStallMs?: number
  ageP50Ms?: number
  /** Time from the end of a dip to the first frame of a rendition as high as before it. */
  restoredMs?: number
  /** Longest time from the end of an outage to the next frame. */
  recoveryMs?: number
  /** Longest time without a new frame at a change to a higher rendition. */
  upGapMs?: number
  /** Share of the frames that the browser decoded too late to show. */
  droppedShare?: number
  reloads?: number
  /** Whether the score must be above those of hls.js and Shaka Player. */
  beatsOthers?: boolean
}

export interface Profile {
  about: string
  /** What is published: 720p of 4 Mbit/s, or 360p with about the ladder of the challenge. */
  source: 'hd' | 'challenge'
  schedule: ScheduleOptions
  /** Length of a run by default, s. */
  seconds: number
  /** Factor by which the page's CPU is slower. */
  cpuSlowdown?: number
  /** When the link gets worse, and when it is as before again, ms since the start of the schedule. */
  dip?: { fromMs: number; backMs: number }
  musts: Musts
}

/** Returns the size of the queue, bytes: what the link sends in 250 ms, and at least 64 KB. */
const queueOf = (kbps: number) => Math.max(65_536, (kbps / 8) * 250)

function link(downKbps: number, rttMs: number, more: Partial<Conditions> = {}): Conditions {
  return {
    downKbps,
    upKbps: downKbps / 2,
    rttMs,
    jitterMs: 0,
    loss: 0,
    queueBytes: queueOf(downKbps),
    congestion: 'bbr',
    address: '127.0.0.1',
    ...more,
  }
}

const mobile = link(10_000, 50, { loss: 0.005, jitterMs: 10 })
const wifi = link(20_000, 20)
const outage = (seconds: number): Phase => ({ seconds, downKbps: 0, upKbps: 0 })

/** Returns a profile whose conditions do not change. */
const steady = (about: string, base: Conditions, musts: Musts): Profile => ({
  about,
  source: 'hd',
  schedule: { base },
  seconds: 60,
  musts,
})

/**
 * Returns a profile of the MMSys'20 challenge on low-latency adaptation, as published in
 * twitchtv/acm-mmsys-2020-grand-challenge, normal-network-patterns.js. The challenge sets no round-trip time;
 * 20 ms is our choice. A run lasts as long as the phases. Phases that are shorter than a minute repeat until
 * then.
 */
function challenge(about: string, phases: readonly (readonly [kbps: number, seconds: number])[]): Profile {
  const length = phases.reduce((sum, [, seconds]) => sum + seconds, 0)
  return {
    about: `MMSys'20: ${about}`,
    source: 'challenge',
    schedule: {
      base: link(1200, 20),
      phases: phases.map(([downKbps, seconds]) => ({ downKbps, seconds })),
      repeats: true,
    },
    seconds: Math.max(60, length),
    musts: { beatsOthers: true },
  }
}

const alternating = (count: number) =>
  Array.from({ length: count }, (_, index): [number, number] => [index % 2 === 0 ? 500 : 1200, 5])

export const profiles: Readonly<Record<string, Profile>> = {
  fibre: steady('fibre: 50 Mbit/s, 10 ms', link(50_000, 10), {
    joinMs: 700,
    topMs: 2500,
    stalledShare: 0,
    ageP50Ms: 1100,
  }),
  'slow-cpu': {
    ...steady('fibre, and a CPU that is 4 times slower', link(50_000, 10), {
      stalledShare: 0,
      droppedShare: 0,
    }),
    cpuSlowdown: 4,
  },
  '4g': steady('4G: 10 Mbit/s, 50 ms, 0.5 % lost, jitter 10 ms', mobile, {
    joinMs: 1000,
    stalledShare: 0.003,
    ageP50Ms: 1800,
  }),
  wifi: steady(
    'busy Wi-Fi: 5 Mbit/s, 100 ms, 2 % lost, jitter 40 ms',
    link(5000, 100, { loss: 0.02, jitterMs: 40 }),
    { joinMs: 1500, stalledShare: 0.007, ageP50Ms: 3000 },
  ),
  '2mbit': steady('2 Mbit/s, 150 ms, 1 % lost, jitter 20 ms', link(2000, 150, { loss: 0.01, jitterMs: 20 }), {
    joinMs: 2000,
    stalledShare: 0.01,
    ageP50Ms: 3500,
  }),
  '3g': steady('3G: 1 Mbit/s, 120 ms', link(1000, 120), {
    joinMs: 2200,
    stalledShare: 0.01,
    ageP50Ms: 3500,
  }),
  satellite: steady('satellite: 20 Mbit/s, 600 ms', link(20_000, 600), {
    joinMs: 4000,
    stalledShare: 0.01,
    ageP50Ms: 5000,
  }),
  dip: {
    about: '4 → 0.8 → 4 Mbit/s, 60 ms: low from 20 s to 32 s',
    source: 'hd',
    schedule: { base: link(4000, 60), phases: [{ seconds: 20 }, { seconds: 12, downKbps: 800 }] },
    seconds: 60,
    dip: { fromMs: 20_000, backMs: 32_000 },
    musts: { joinMs: 1200, stalls: 1, longestStallMs: 1000, restoredMs: 10_000 },
  },
  rises: {
    // The fast phase is long enough for a fall at its end to be no sign that the rises were wrong.
    about: '12 Mbit/s, 50 ms, with 0.7 Mbit/s for 6 s of each 30 s: many changes to a higher rendition',
    source: 'hd',
    schedule: {
      base: link(12_000, 50),
      phases: [{ seconds: 24 }, { seconds: 6, downKbps: 700 }],
      repeats: true,
    },
    seconds: 300,
    musts: { upGapMs: 100 },
  },
  cascade: challenge('cascade', [
    [1200, 30],
    [800, 30],
    [400, 30],
    [800, 30],
    [1200, 30],
  ]),
  'intra-cascade': challenge(
    'intra-cascade',
    [1000, 800, 600, 400, 200, 400, 600, 800, 1000].map((kbps) => [kbps, 15]),
  ),
  spike: challenge('spike', [
    [1200, 10],
    [300, 10],
    [800, 10],
  ]),
  'slow-jitter': challenge('slow jitter', alternating(6)),
  'fast-jitter': challenge('fast jitter', [
    [500, 0.25],
    [1200, 5],
    [500, 0.1],
    [1200, 1],
    [500, 0.25],
    [1200, 5],
  ]),
  train: {
    about: 'train: 4G with outages of 2, 5 and 8 s',
    source: 'hd',
    schedule: {
      base: mobile,
      phases: [{ seconds: 10 }, outage(2), { seconds: 12 }, outage(5), { seconds: 9 }, outage(8)],
    },
    seconds: 60,
    musts: {},
  },
  tunnel: {
    about: 'tunnel: 4G with an outage of 6 s',
    source: 'hd',
    schedule: { base: mobile, phases: [{ seconds: 25 }, outage(6)] },
    seconds: 60,
    musts: { recoveryMs: 1000, reloads: 0 },
  },
  'wifi-mobile': {
    about: 'Wi-Fi of 20 Mbit/s, after 25 s one second of nothing, then 4G from another address',
    source: 'hd',
    schedule: {
      base: { ...mobile, address: '127.0.0.2' },
      phases: [
        { ...wifi, seconds: 25 },
        { ...outage(1), isCut: true },
        { seconds: 3600, isCut: true },
      ],
    },
    seconds: 60,
    musts: { recoveryMs: 1000, reloads: 0 },
  },
}
