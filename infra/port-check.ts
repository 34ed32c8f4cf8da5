import { type AddressInfo, createServer } from 'node:net'
import { NowcastError } from '../core/process/errors.ts'
import { listenError } from '../core/process/http-server.ts'

/**
 * Makes sure that a port can be listened on and gives it; for 0 a free one.
 * @throws NowcastError `bad_settings`, a line that names the setting to change.
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
