import { expect, test } from 'vitest'
import { freePort, freePorts } from './ports.ts'

test('a port is not given twice, although nothing listens there yet', async () => {
  const ports = await freePorts(7)
  for (let n = 0; n < 400; n += 1) ports.push(await freePort())
  expect(new Set(ports).size).toBe(ports.length)
})
