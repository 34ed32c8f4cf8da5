import { expect, test } from 'vitest'
import { newSessionId } from '../../core/contracts/ids.ts'
import { channelCursor, readChannelCursor, readSessionCursor, sessionCursor } from './cursor.ts'
import { Problem } from './problem.ts'

test('reads what it wrote', () => {
  expect(readChannelCursor(channelCursor('show'))).toBe('show')
  const place = { startedAt: 1_777_000_000_000, id: newSessionId() }
  expect(readSessionCursor(sessionCursor(place))).toEqual(place)
})

test('refuses the cursor of another list, and a modified cursor', () => {
  const cursor = channelCursor('show')
  expect(() => readSessionCursor(cursor)).toThrow(Problem)
  for (const text of ['', cursor.slice(1), `${cursor}=`, `${cursor}A`, ` ${cursor}`])
    expect(() => readChannelCursor(text)).toThrow(Problem)
})
