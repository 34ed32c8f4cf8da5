import type { Refusal } from '../publish/refusal.ts'
import { maxKeyLength } from './limits.ts'
import type { Command } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'

/** The application in the URL of publishers: `rtmp://HOST/live`. */
const appName = 'live'

export interface ConnectRequest {
  app: string
  /** Name of the publisher's software (`flashVer`), without control characters. */
  software: string | null
}

/** Parses `connect` (RTMP 1.0 section 7.2.1.1). @throws ProtocolViolation without a command object. */
export function readConnect(command: Command): ConnectRequest {
  const { cmdObj } = command
  if (typeof cmdObj !== 'object' || cmdObj === null)
    throw new ProtocolViolation('protocol_error', 'connect without a command object')
  const { app, flashVer } = cmdObj as { app?: unknown; flashVer?: unknown }
  return {
    app: typeof app === 'string' ? app.replace(/\/+$/, '') : '',
    software: typeof flashVer === 'string' ? flashVer.replace(/[^\x20-\x7e]/g, '').slice(0, 100) : null,
  }
}

/**
 * Returns the key of `publish` (section 7.2.2.6), or why it is refused. A wrong application is refused here
 * and not at `connect`, because publishers show the text of this response and hide that of the other.
 */
export function readPublish({ streamName }: Command, app: string): string | { refusal: Refusal } {
  if (app !== appName)
    return refuse(
      'unknown_app',
      `The server address must end with /${appName}. The key has a field of its own.`,
    )
  if (typeof streamName !== 'string' || streamName === '')
    return refuse('bad_key', 'The stream key is missing.')
  if (streamName.length > maxKeyLength) return refuse('bad_key', 'The stream key is too long.')
  if (streamName.includes('?'))
    return refuse('bad_key', 'The stream key must not be followed by "?" and parameters.')
  return streamName
}

const refuse = (reason: Refusal['reason'], description: string) => ({ refusal: { reason, description } })
