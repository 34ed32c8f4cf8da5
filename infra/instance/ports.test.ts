import { expect, test } from 'vitest'
import { freePort, occupyPort } from '../../test/kit/ports.ts'
import { claimPort } from './ports.ts'

test('a free port is returned as it is, and for 0 one is chosen', async () => {
  const port = await freePort()
  expect(await claimPort('NOWCAST_EDGE_PORT', '127.0.0.1', port)).toBe(port)
  expect(await claimPort('NOWCAST_EDGE_PORT', '127.0.0.1', 0)).toBeGreaterThan(0)
})

test('the error names the setting to change when the port is taken', async () => {
  const { port, release } = await occupyPort()
  await expect(claimPort('NOWCAST_EDGE_PORT', '127.0.0.1', port)).rejects.toThrow(
    `NOWCAST_EDGE_PORT: 127.0.0.1:${port} is taken by another program; set NOWCAST_EDGE_PORT to another one`,
  )
  release()
})

test('the error names the host when it is not an address of this machine', async () => {
  await expect(claimPort('NOWCAST_EDGE_PORT', '192.0.2.1', 0)).rejects.toThrow(
    /not an address of this machine; set NOWCAST_HOST/,
  )
})
