import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { ChannelQuery } from '../../core/api/channel.ts'
import { SessionQuery } from '../../core/api/session.ts'
import { channelCursor, readChannelCursor, readSessionCursor, sessionCursor } from './cursor.ts'

const place = { startedAt: 1_777_000_000_000, id: 's_AAAAAAAAAAAAAAAAAAAAAA' }
const isChannelCursor = (text: string) => Value.Check(ChannelQuery, { cursor: text })
const isSessionCursor = (text: string) => Value.Check(SessionQuery, { cursor: text })

test('a cursor is read back as the place that it was made of', () => {
  expect(readChannelCursor(channelCursor('show-7'))).toBe('show-7')
  expect(readSessionCursor(sessionCursor(place))).toEqual(place)
  expect(isChannelCursor(channelCursor('show-7'))).toBe(true)
  expect(isSessionCursor(sessionCursor(place))).toBe(true)
})

test('the schema refuses the cursor of another list, and a modified cursor', () => {
  const cursor = channelCursor('show')
  expect(isSessionCursor(cursor)).toBe(false)
  for (const text of ['', cursor.slice(1), `${cursor}=`, `${cursor}A`, `${cursor}\n`, sessionCursor(place)])
    expect(isChannelCursor(text)).toBe(false)
})
