import type { FastifyInstance } from 'fastify'
import { listenError } from '../core/process/http-server.ts'

/** Lets the app answer on an address; gives the port. @throws NowcastError `bad_settings` when the port cannot be had. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  await app.ready()
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port, 'NOWCAST_MANAGER_PORT')
  }
  return portOf(app) ?? port
}

/** The port that an app listens on; undefined when it does not. */
export function portOf(app: FastifyInstance): number | undefined {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}
