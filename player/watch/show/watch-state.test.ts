import { expect, test } from 'vitest'
import { activityOf, nextWatchState, type WatchEvent, type WatchState } from './watch-state.ts'

const live = (session: string): WatchEvent => ({
  type: 'probed',
  result: { kind: 'live', playlist: '#EXTM3U', session },
})
const notLive: WatchEvent = { type: 'probed', result: { kind: 'not_live', retryAfterMs: undefined } }
const full: WatchEvent = { type: 'probed', result: { kind: 'full', retryAfterMs: 1000 } }
const unreachable: WatchEvent = { type: 'probed', result: { kind: 'unreachable' } }
const lost: WatchEvent = { type: 'lost', reason: 'test' }

/** Returns the name of the state after each event, and for `recovering` also the trouble. */
function walk(events: WatchEvent[], from: WatchState = { name: 'checking', session: null }): string[] {
  const names: string[] = []
  let state = from
  for (const event of events) {
    state = nextWatchState(state, event)
    names.push(state.name === 'recovering' ? `recovering:${state.trouble}` : state.name)
  }
  return names
}

test('the page waits before the show, joins when it begins, and plays', () => {
  expect(walk([notLive, notLive, live('s1'), { type: 'playing' }])).toEqual([
    'waiting',
    'waiting',
    'joining',
    'playing',
  ])
})

test('a session without segments is probed again without showing trouble', () => {
  expect(walk([live('s1'), { type: 'not_ready' }, live('s1'), { type: 'playing' }])).toEqual([
    'joining',
    'checking',
    'joining',
    'playing',
  ])
})

test('a stall is shown and ends with the next frame', () => {
  expect(walk([live('s1'), { type: 'playing' }, { type: 'stalled' }, { type: 'playing' }])).toEqual([
    'joining',
    'playing',
    'recovering:stalled',
    'playing',
  ])
})

test('a publisher that is away is shown until the next frame', () => {
  const path = walk([
    live('s1'),
    { type: 'playing' },
    { type: 'stalled' },
    { type: 'away' },
    { type: 'playing' },
  ])
  expect(path.slice(2)).toEqual(['recovering:stalled', 'recovering:away', 'playing'])
  const away: WatchState = { name: 'recovering', trouble: 'away', session: 's1' }
  expect(activityOf(away)).toBe('play')
})

test('after a lost playback the page probes again and joins the same session', () => {
  const path = walk([live('s1'), { type: 'playing' }, lost, unreachable, live('s1'), { type: 'playing' }])
  expect(path).toEqual(['joining', 'playing', 'recovering:lost', 'recovering:lost', 'joining', 'playing'])
})

test('a watched session that is gone has ended, one that was never watched has not begun', () => {
  expect(walk([live('s1'), { type: 'playing' }, lost, notLive]).at(-1)).toBe('ended')
  expect(walk([unreachable, notLive])).toEqual(['recovering:unreachable', 'waiting'])
})

test('after the end only another session counts as the next show', () => {
  const path = walk([live('s1'), { type: 'playing' }, { type: 'ended' }, live('s1'), notLive, live('s2')])
  expect(path).toEqual(['joining', 'playing', 'ended', 'ended', 'ended', 'joining'])
})

test('a session that was gone and is available again had not ended', () => {
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

test('a full server is probed until it has room', () => {
  expect(walk([full, full, live('s1')])).toEqual(['refused', 'refused', 'joining'])
})

test('the viewer goes back and returns to the live edge', () => {
  const path = walk([live('s1'), { type: 'playing' }, { type: 'behind' }, { type: 'at_live' }])
  expect(path).toEqual(['joining', 'playing', 'behind', 'playing'])
})

test('without network a playing page continues from its buffer, a probing page shows it and probes at once when it is back', () => {
  expect(walk([live('s1'), { type: 'playing' }, { type: 'offline' }]).at(-1)).toBe('playing')
  expect(walk([notLive, { type: 'offline' }, unreachable, { type: 'online' }])).toEqual([
    'waiting',
    'recovering:offline',
    'recovering:offline',
    'checking',
  ])
})

test('late events of a playback that has ended change nothing', () => {
  const ended: WatchState = { name: 'ended', isGone: false, session: 's1' }
  expect(nextWatchState(ended, { type: 'playing' })).toBe(ended)
  expect(nextWatchState(ended, lost)).toBe(ended)
})

test('with an unknown channel or an unsupported browser no event changes anything', () => {
  for (const name of ['unknown', 'unsupported'] as const) {
    const state: WatchState = { name, session: null }
    expect(activityOf(state)).toBe('none')
    for (const event of [live('s1'), lost, { type: 'restart' } as const])
      expect(nextWatchState(state, event)).toBe(state)
  }
})
