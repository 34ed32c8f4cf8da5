import { expect, test } from 'vitest'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { liveSession } from '../../test/kit/manager/live-data.ts'
import { firstRecord, nextRecord } from './session-record.ts'

const options = { pullPlace: () => ({ instance: 'i_1', flvUrl: 'http://127.0.0.1:1/flv' }), graceMs: 30_000 }
const request = { streamKey: 'key', address: '192.0.2.7', software: null }

function publishWith(slate: string | undefined) {
  const traits = { channelId: 'c_show', slug: 'show', latency: 'low', takeover: false } as const
  const grant: ChannelGrant = slate === undefined ? traits : { ...traits, slate }
  return { sessionId: 's_1', grant, request, claim: undefined, expectedGopMs: null }
}

test('a session has the slate of its channel at its newest publish', () => {
  const first = firstRecord(publishWith('aa'), options)
  expect(first.slate).toBe('aa')
  expect(nextRecord(publishWith('bb'), first, options).slate).toBe('bb')
})

test('the record of a publish without a slate has no such field', () => {
  for (const record of [
    firstRecord(publishWith(undefined), options),
    nextRecord(publishWith(undefined), liveSession({ slate: 'aa' }), options),
  ])
    expect(JSON.parse(JSON.stringify(record))).not.toHaveProperty('slate')
})
