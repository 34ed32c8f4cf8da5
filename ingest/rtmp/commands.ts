import type { Command } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { canReconnect } from './responses.ts'

export interface ConnectRequest {
  /** Path in the URL of the server, as the publisher sent it. */
  app: string
  /** Name of the encoder (`flashVer`), without control characters. */
  software: string | null
  /** Whether the publisher connects again when it is asked to (enhanced RTMP version 2). */
  canReconnect: boolean
}

/** Parses `connect` (RTMP 1.0 section 7.2.1.1). @throws ProtocolViolation when there is no command object */
export function readConnect(command: Command): ConnectRequest {
  const { cmdObj } = command
  if (typeof cmdObj !== 'object' || cmdObj === null)
    throw new ProtocolViolation('protocol_error', 'connect without a command object')
  const { app, flashVer, capsEx } = cmdObj as { app?: unknown; flashVer?: unknown; capsEx?: unknown }
  return {
    app: typeof app === 'string' ? app : '',
    software: typeof flashVer === 'string' ? flashVer.replace(/[^\x20-\x7e]/g, '').slice(0, 100) : null,
    canReconnect: canReconnect(capsEx),
  }
}
