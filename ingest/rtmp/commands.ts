import type { Command } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { canReconnect } from './responses.ts'

export interface ConnectRequest {
  /** Path in the URL of the server, or the whole URL, as the publisher sent it. */
  app: string
  /** Name of the encoder (`flashVer`), up to 100 characters of printable ASCII; null if it sent none. */
  software: string | null
  /** Whether the publisher connects again when it is asked to (enhanced RTMP version 2). */
  canReconnect: boolean
}

/** The fields of the command object that matter; each may be missing or of another type. */
interface ConnectFields {
  app?: unknown
  tcUrl?: unknown
  flashVer?: unknown
  capsEx?: unknown
}

/** Path of the server. A `connect` without any path can only mean this one. */
const onlyApp = 'live'

/**
 * Parses `connect` (RTMP 1.0 section 7.2.1.1). Without `app` the path comes from `tcUrl`.
 * @throws ProtocolViolation `protocol_error` without a command object
 */
export function readConnect(command: Command): ConnectRequest {
  const { cmdObj } = command
  if (typeof cmdObj !== 'object' || cmdObj === null)
    throw new ProtocolViolation('protocol_error', 'connect without a command object')
  const { app, tcUrl, flashVer, capsEx } = cmdObj as ConnectFields
  const paths = [app, tcUrl].filter((each) => typeof each === 'string')
  return {
    app: paths.length === 0 ? onlyApp : (paths.find((each) => each !== '') ?? ''),
    software: typeof flashVer === 'string' ? flashVer.replace(/[^\x20-\x7e]/g, '').slice(0, 100) : null,
    canReconnect: canReconnect(capsEx),
  }
}

/** Whether a command expects no response, because it is a response or an event itself. */
export const isResponse = (name: unknown) =>
  typeof name !== 'string' || name === '_result' || name === '_error' || name.startsWith('on')
