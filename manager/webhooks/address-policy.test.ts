import { expect, test } from 'vitest'
import { createAddressPolicy } from './address-policy.ts'

const isPublic = createAddressPolicy([])

test.each([
  ...['127.0.0.1', '127.9.9.9', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '0.0.0.0'],
  ...['169.254.169.254', '100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1'],
  ...['::1', '::', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::7f00:1', '64:ff9b::7f00:1'],
  ...['fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2002:7f00:1::', '2001:db8::1'],
  ...['', 'localhost', '127.1', '0x7f.0.0.1', '1.2.3.4.5'],
])('no webhook connects to %s', (address) => {
  expect(isPublic(address)).toBe(false)
})

test.each(['1.1.1.1', '172.32.0.1', '192.169.0.1', '::ffff:1.1.1.1', '2606:4700::1111', '2a00:1450::1'])(
  'webhooks may connect to %s',
  (address) => {
    expect(isPublic(address)).toBe(true)
  },
)

test('the operator allows networks, and no more than those', () => {
  const isAllowed = createAddressPolicy(['192.168.7.0/24', '::1', '10.1.2.3'])
  for (const address of ['192.168.7.9', '::ffff:192.168.7.9', '::1', '10.1.2.3', '1.1.1.1'])
    expect([address, isAllowed(address)]).toEqual([address, true])
  for (const address of ['192.168.8.9', '10.1.2.4', '127.0.0.1', 'fe80::1'])
    expect([address, isAllowed(address)]).toEqual([address, false])
})
