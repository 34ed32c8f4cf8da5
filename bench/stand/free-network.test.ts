import { expect, test } from 'vitest'
import { freeNetwork } from './free-network.ts'

test('the default route leaves all private networks free', () => {
  expect(freeNetwork(['default via 192.0.2.1 dev eth0'], 0)).toEqual({
    base: '10.64.0',
    cidr: '10.64.0.0/24',
  })
})

test('two runs begin with different networks', () => {
  expect(freeNetwork([], 300).base).toBe('10.65.44')
})

test('a network with a route is not used, whatever the length and the type of the route', () => {
  expect(freeNetwork(['10.64.0.0/24 dev one', 'local 10.64.1.7 dev two'], 0).base).toBe('10.64.2')
  expect(freeNetwork(['10.0.0.0/9 dev vpn'], 0).base).toBe('10.128.0')
})

test('without a free network there is an error', () => {
  expect(() => freeNetwork(['10.0.0.0/8 dev vpn'], 5)).toThrow('all private networks are in use')
})
