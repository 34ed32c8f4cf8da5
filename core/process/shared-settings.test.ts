import { expect, test } from 'vitest'
import { internalListenHost } from './shared-settings.ts'

const open = { host: '0.0.0.0', internalHost: undefined, advertiseUrl: undefined }

test('internal listeners are on loopback, unless another machine is meant to reach them', () => {
  expect(internalListenHost(open)).toBe('127.0.0.1')
  expect(internalListenHost({ ...open, advertiseUrl: 'http://a.example:9001' })).toBe('0.0.0.0')
  expect(internalListenHost({ ...open, internalHost: '10.0.0.1' })).toBe('10.0.0.1')
  expect(
    internalListenHost({ ...open, internalHost: '10.0.0.1', advertiseUrl: 'http://a.example:9001' }),
  ).toBe('10.0.0.1')
})
