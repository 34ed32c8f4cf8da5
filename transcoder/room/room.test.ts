import { expect, test } from 'vitest'
import { createRoom, growAfterMs } from './room.ts'

const ladder = { renditions: [10, 5, 2], minimum: 0 } as const

function setUp(capacity: number) {
  const clock = { now: 0 }
  const room = createRoom({ capacity, now: () => clock.now })
  function enter(sessionId: string, priority = 0) {
    room.enter(sessionId, priority, ladder)
    return room.allowanceOf(sessionId)
  }
  return { room, enter, wait: (ms: number) => (clock.now += ms) }
}

test('a session loses renditions at once, and gets them back after a while of room', () => {
  const { room, enter, wait } = setUp(20)
  const first = enter('first', 1)
  const second = enter('second')
  expect([first.count, second.count]).toEqual([3, 1])
  room.leave('first')
  wait(growAfterMs - 1)
  expect(second.count).toBe(1)
  wait(1)
  expect(second.count).toBe(3)
})

test('sessions that come and go leave a reduced ladder as it is', () => {
  const { room, enter, wait } = setUp(20)
  const steady = enter('steady')
  for (let count = 0; count < 5; count += 1) {
    enter('guest', 1)
    expect(steady.count).toBe(1)
    room.leave('guest')
    wait(growAfterMs - 1)
    expect(steady.count).toBe(1)
  }
})

test('what all sessions may encode fits while ladders become larger', () => {
  const { room, enter, wait } = setUp(36)
  for (const name of ['a', 'b', 'c', 'd']) enter(name)
  expect(room.figures()).toEqual({ capacity: 36, work: 28, wanted: 68, reducedSessions: 4 })
  room.leave('a')
  room.leave('b')
  expect(room.figures().work).toBe(14)
  wait(growAfterMs)
  enter('e')
  expect(room.figures().work).toBeLessThanOrEqual(36)
  wait(growAfterMs)
  expect(room.figures()).toMatchObject({ work: 31, wanted: 51, reducedSessions: 2 })
})

test('a session without a publisher takes no room, and has its renditions again when it returns', () => {
  const { enter } = setUp(20)
  const first = enter('first')
  first.want({ renditions: [], minimum: 0 })
  const second = enter('second')
  expect([first.count, second.count]).toEqual([0, 3])
  first.want(ladder)
  expect([first.count, second.count]).toEqual([2, 2])
})

test('a full ladder becomes another full ladder at once, a reduced one does not grow with it', () => {
  const { enter, wait } = setUp(20)
  const first = enter('first', 1)
  const second = enter('second')
  first.want({ renditions: [9, 4, 2, 1], minimum: 1 })
  expect([first.count, second.count]).toEqual([4, 1])
  second.want({ renditions: [3, 1], minimum: 1 })
  expect(second.count).toBe(1)
  wait(growAfterMs)
  expect(second.count).toBe(2)
})

test('a session that has left may encode nothing, and its place is free', () => {
  const { room, enter } = setUp(20)
  const gone = enter('gone')
  room.leave('gone')
  gone.want(ladder)
  expect(gone.count).toBe(0)
  expect(room.figures()).toEqual({ capacity: 20, work: 0, wanted: 0, reducedSessions: 0 })
})
