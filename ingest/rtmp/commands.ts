import type { Command } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { canReconnect } from './responses.ts'

export interface ConnectRequest {
  /** Path of the server's URL, as the publisher sent it. */
  app: string
  /** Name of the publisher's software (`flashVer`), without control characters. */
  software: string | null
  /** Whether it follows reconnect requests. */
  canReconnect: boolean
}

/** Parses `connect` (RTMP 1.0 section 7.2.1.1). @throws ProtocolViolation without a command object. */
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
