import { expect, test } from 'vitest'
import { leaksIn } from '../kit/run-record.ts'

test('the search after a test run finds a secret, and its report does not repeat it', () => {
  const secret = 'hush-hush-hush-hush'
  const text = `${'x'.repeat(500)} 401 for ${secret}, and again ${secret}`
  expect(leaksIn(text, ['another-secret', secret])).toEqual([
    expect.stringMatching(/^x+ 401 for \[secret\], and again \[secret\]$/),
  ])
})
