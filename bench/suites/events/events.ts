import { setTimeout as delay } from 'node:timers/promises'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import { type Figure, repeated } from '../../figures/table.ts'
import { type Outcome, type ShowEvent, showEvents } from './show-events.ts'
import { type EventStage, startEventStage } from './stage.ts'
import { openViewers, type Pause, viewerNames } from './viewers.ts'

/** Time for which viewers watch before each event, and after its end, ms. */
const [calmMs, afterMs] = [5000, 6000]

/** Minimum time without a new frame that counts as a stop of the picture, ms. */
const stopMs = 500

/** What was seen of one event. */
interface Sight {
  pauses: Record<(typeof viewerNames)[number], Pause>
  outcome: Outcome
  reloads: number
  isSameSession: boolean
}

/**
 * Measures what viewers in Chromium see, on the watch page and with hls.js alone, when a process of a live
 * show dies, freezes or leaves, and when its publisher returns. Arguments: runs (5), text that the names of
 * the events must contain (by default all events).
 */
export async function events([runs = '5', part = '']: string[]): Promise<SuiteResult> {
  const chosen = showEvents.filter(({ name }) => name.includes(part))
  const sights = new Map<ShowEvent, Sight[]>(chosen.map((event) => [event, []]))
  const stage = await startEventStage()
  try {
    for (let run = 0; run < Number(runs); run += 1)
      for (const event of chosen) {
        const sight = await see(stage, event)
        console.log(JSON.stringify({ event: event.name, ...sight }))
        sights.get(event)?.push(sight)
      }
  } finally {
    await stage.stop()
  }
  const figures = [...sights].flatMap(([event, seen]) => figuresOf(event, seen))
  return keepResult('events', 'Events under a live show', { figures }, '640x360 passed through, latency low')
}

async function see(stage: EventStage, { act, ...wanted }: ShowEvent): Promise<Sight> {
  await using show = await stage.startShow(wanted)
  await using viewers = await openViewers(show)
  await delay(calmMs)
  const before = await show.sessionId()
  viewers.begin()
  const outcome = await act({ stage, show })
  await delay(afterMs)
  const pauses = await viewers.longestPauses()
  return { pauses, outcome, reloads: viewers.reloads, isSameSession: before === (await show.sessionId()) }
}

function figuresOf({ name, stallMs, backMs }: ShowEvent, sights: readonly Sight[]): Figure[] {
  const of = (what: string) => `${name}: ${what}`
  const perViewer = viewerNames.flatMap((viewer) => {
    const pauses = sights.map(({ pauses }) => pauses[viewer])
    const lengths = pauses.map(({ from, to }) => to - from)
    const stall = repeated(of(`picture stands still, ${viewer}`), 'ms', lengths, {
      ...(stallMs === undefined ? { better: 'lower' } : { atMost: stallMs }),
    })
    if (backMs === undefined) return [stall]
    const back = sights.map(({ outcome }, i) => backAfter(pauses[i], outcome))
    return [
      stall,
      repeated(of(`picture after the publisher is back, ${viewer}`), 'ms', back, { atMost: backMs }),
    ]
  })
  return [
    ...perViewer,
    { name: of('reloads'), value: sum(sights.map(({ reloads }) => reloads)), unit: '', atMost: 0 },
    {
      name: of('other sessions'),
      value: sights.filter(({ isSameSession }) => !isSameSession).length,
      unit: '',
      atMost: 0,
    },
  ]
}

/** Time from the return of the publisher to the next picture, ms; 0 when the picture did not stop. */
function backAfter(pause: Pause | undefined, { backAt = 0 }: Outcome): number {
  if (pause === undefined || pause.to - pause.from < stopMs) return 0
  return Math.max(0, pause.to - backAt)
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
