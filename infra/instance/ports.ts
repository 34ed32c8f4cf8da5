import { type AddressInfo, createServer } from 'node:net'
import { NowcastError } from '../../core/process/errors.ts'
import { listenError } from '../../core/process/http-server.ts'

/**
 * Checks that a port can be opened and returns it; a free one for 0.
 * @throws NowcastError `bad_settings`, one line that names the setting to change.
 */
export async function claimPort(variable: string, host: string, port: number): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { message } = listenError(error, host, port, variable)
      const setting = error.code === 'EADDRNOTAVAIL' ? 'NOWCAST_HOST' : variable
      reject(new NowcastError('bad_settings', `${message}; set ${setting} to another one`))
    })
    server.listen(port, host, resolve)
  })
  const { port: claimed } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return claimed
}

/**
 * Claims the ports of several settings, without those that are undefined. Returns the environment with the
 * ports for the roles.
 */
export async function claimPorts(
  host: string,
  portsByVariable: Readonly<Record<string, number | undefined>>,
): Promise<Record<string, string>> {
  const claimed: Record<string, string> = {}
  for (const [variable, port] of Object.entries(portsByVariable))
    if (port !== undefined) claimed[variable] = String(await claimPort(variable, host, port))
  return claimed
}
