import { type AddressInfo, createServer } from 'node:net'
import { NowcastError } from '../../core/process/errors.ts'
import { listenError } from '../../core/process/http-server.ts'

/**
 * Returns a port that can be opened now: `port`, or a free one for 0. `variable` is the name of its setting.
 * @throws NowcastError `bad_settings` when the port cannot be opened. The message names the setting to
 * change.
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
 * Returns the environment variables that pass the claimed ports to the roles. Settings without a port are
 * left out.
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
