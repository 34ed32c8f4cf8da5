import type { Command } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { canReconnect } from './responses.ts'

export interface ConnectRequest {
  /** Path in the URL of the server, as the publisher sent it, or the whole URL. */
  app: string
  /** Name of the encoder (`flashVer`): printable ASCII, at most 100 characters; null when it sent none. */
  software: string | null
  /** Whether the publisher connects again when it is asked to (enhanced RTMP version 2). */
  canReconnect: boolean
}

/** The fields of the command object that ingest reads; each may be missing or of another type. */
interface ConnectFields {
  app?: unknown
  tcUrl?: unknown
  flashVer?: unknown
  capsEx?: unknown
}

/**
 * The only application name that this server accepts. A `connect` without any path can only mean this one.
 */
const onlyApp = 'live'

/**
 * Parses `connect` (RTMP 1.0 section 7.2.1.1). Without `app` the URL in `tcUrl` has the path.
 * @throws ProtocolViolation without a command object
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

/**
 * Whether a command is a response or an event, to which no response is sent. Also true for a name that is not
 * a string.
 */
export const isResponse = (name: unknown) =>
  typeof name !== 'string' || name === '_result' || name === '_error' || name.startsWith('on')
