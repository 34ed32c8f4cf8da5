import type { Server } from 'node:http'
import { startListening } from './http-server.ts'

/**
 * Sockets for processes on the same machine: abstract Unix sockets of Linux (unix(7)), which have a name
 * instead of a file, so that nothing is left of a process that was killed. Other systems have none.
 */

/** Path of a local socket for `net.connect`, by its name. */
export const localPath = (name: string) => `\0${name}`

/** Lets a server listen on a local socket. Returns its name; undefined where there are none. */
export async function listenLocally(server: Server, name: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  await startListening(server, { path: localPath(name) })
  return name
}
