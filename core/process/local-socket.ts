import type { Server } from 'node:http'
import { startListening } from './http-server.ts'

/**
 * Local sockets are for processes on the same machine: abstract Unix sockets of Linux (unix(7)). They have a
 * name instead of a file, so a process that is killed leaves no file behind.
 */

/** Returns the path of a local socket for `net.connect`. */
export const localPath = (name: string) => `\0${name}`

/** Makes a server listen on a local socket. Resolves with its name; does nothing outside Linux. */
export async function listenLocally(server: Server, name: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  await startListening(server, { path: localPath(name) })
  return name
}
