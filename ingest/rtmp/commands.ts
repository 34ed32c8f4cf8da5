import { ProtocolViolation, type Refusal } from '../refusal.ts'
import type { Command } from './node-media-server.ts'

/** The application that publishers name in their URL: `rtmp://HOST/live`. */
const appName = 'live'
/** Longest key that is looked at, characters. */
const maxKeyLength = 200

export interface ConnectRequest {
  app: string
  /** What the publisher calls itself, without control characters. */
  software: string | null
}

/** Reads `connect` (RTMP 1.0 section 7.2.1.1). @throws ProtocolViolation without a command object. */
export function readConnect(command: Command): ConnectRequest {
  const { cmdObj } = command
  if (typeof cmdObj !== 'object' || cmdObj === null)
    throw new ProtocolViolation('protocol_error', 'connect without its object')
  const { app, flashVer } = cmdObj as { app?: unknown; flashVer?: unknown }
  return {
    app: typeof app === 'string' ? app.replace(/\/+$/, '') : '',
    software: typeof flashVer === 'string' ? flashVer.replace(/[^\x20-\x7e]/g, '').slice(0, 100) : null,
  }
}

/** Why an application is refused; undefined for ours. */
export function refusalOfApp(app: string): Refusal | undefined {
  if (app === appName) return undefined
  return {
    reason: 'unknown_app',
    description: `The server address must end in /${appName}, with the stream key in its own field.`,
  }
}

/** Reads the key of `publish` (section 7.2.2.6), or why there is none. */
export function readPublish({ streamName }: Command): string | { refusal: Refusal } {
  const refuse = (description: string) => ({ refusal: { reason: 'bad_key' as const, description } })
  if (typeof streamName !== 'string' || streamName === '') return refuse('The stream key is missing.')
  if (streamName.length > maxKeyLength) return refuse('The stream key is too long.')
  if (streamName.includes('?')) return refuse('The stream key must stand alone, without "?" and parameters.')
  return streamName
}
