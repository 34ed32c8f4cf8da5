import { expect, test } from 'vitest'
import { activityOf, nextWatchState, type WatchEvent, type WatchState } from './watch-state.ts'

const live = (session: string): WatchEvent => ({
  type: 'probed',
  answer: { kind: 'live', playlist: '#EXTM3U', session },
})
const notLive: WatchEvent = { type: 'probed', answer: { kind: 'not_live', retryAfterMs: undefined } }
const full: WatchEvent = { type: 'probed', answer: { kind: 'full', retryAfterMs: 1000 } }
const unreachable: WatchEvent = { type: 'probed', answer: { kind: 'unreachable' } }
const lost: WatchEvent = { type: 'lost', reason: 'test' }

/** Names of the states that events lead through. */
function walk(events: WatchEvent[], from: WatchState = { name: 'looking', session: null }): string[] {
  const names: string[] = []
  let state = from
  for (const event of events) {
    state = nextWatchState(state, event)
    names.push(state.name === 'recovering' ? `recovering:${state.trouble}` : state.name)
  }
  return names
}

test('waits before the show, joins when it begins, plays', () => {
  expect(walk([notLive, notLive, live('s1'), { type: 'playing' }])).toEqual([
    'waiting',
    'waiting',
    'joining',
    'playing',
  ])
})

test('a show that has only begun is asked for again without a word of trouble', () => {
  expect(walk([live('s1'), { type: 'not_ready' }, live('s1'), { type: 'playing' }])).toEqual([
    'joining',
    'looking',
    'joining',
    'playing',
  ])
})

test('a stall says so and ends with the next frame', () => {
  expect(walk([live('s1'), { type: 'playing' }, { type: 'stalled' }, { type: 'playing' }])).toEqual([
    'joining',
    'playing',
    'recovering:stalled',
    'playing',
  ])
})

test('a lost playback asks again and joins the same session', () => {
  const path = walk([live('s1'), { type: 'playing' }, lost, unreachable, live('s1'), { type: 'playing' }])
  expect(path).toEqual(['joining', 'playing', 'recovering:lost', 'recovering:lost', 'joining', 'playing'])
})

test('a session that is gone after it was watched has ended; one never watched has not begun', () => {
  expect(walk([live('s1'), { type: 'playing' }, lost, notLive]).at(-1)).toBe('ended')
  expect(walk([unreachable, notLive])).toEqual(['recovering:unreachable', 'waiting'])
})

test('after the end only another session is the next show', () => {
  const path = walk([live('s1'), { type: 'playing' }, { type: 'ended' }, live('s1'), notLive, live('s2')])
  expect(path).toEqual(['joining', 'playing', 'ended', 'ended', 'ended', 'joining'])
})

test('a session that was gone and is there again was not over', () => {
  const path = walk([
    live('s1'),
    { type: 'playing' },
    lost,
    notLive,
    notLive,
    live('s1'),
    { type: 'playing' },
  ])
  expect(path.slice(3)).toEqual(['ended', 'ended', 'joining', 'playing'])
})

test('a full house is waited out', () => {
  expect(walk([full, full, live('s1')])).toEqual(['refused', 'refused', 'joining'])
})

test('going back and returning', () => {
  const path = walk([live('s1'), { type: 'playing' }, { type: 'behind' }, { type: 'at_live' }])
  expect(path).toEqual(['joining', 'playing', 'behind', 'playing'])
})

test('without a network a playing page plays on from its buffer, an asking page says so and asks at once when it is back', () => {
  expect(walk([live('s1'), { type: 'playing' }, { type: 'offline' }]).at(-1)).toBe('playing')
  expect(walk([notLive, { type: 'offline' }, unreachable, { type: 'online' }])).toEqual([
    'waiting',
    'recovering:offline',
    'recovering:offline',
    'looking',
  ])
})

test('late words of a playback that is over change nothing', () => {
  const ended: WatchState = { name: 'ended', isGone: false, session: 's1' }
  expect(nextWatchState(ended, { type: 'playing' })).toBe(ended)
  expect(nextWatchState(ended, lost)).toBe(ended)
})

test('an unknown channel and an unsupported browser do nothing, whatever happens', () => {
  for (const name of ['unknown', 'unsupported'] as const) {
    const state: WatchState = { name, session: null }
    expect(activityOf(state)).toBe('none')
    for (const event of [live('s1'), lost, { type: 'restart' } as const])
      expect(nextWatchState(state, event)).toBe(state)
  }
})
