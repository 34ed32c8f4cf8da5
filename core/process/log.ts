import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** Fields that may hold a secret. Their values are never written, also one level deep in an object. */
const secretFields = ['streamKey', 'key', 'token', 'authorization', 'adminToken', 'clusterSecret', 'password']

/**
 * A logger that writes one JSON object per line to stdout. The supervisor formats it for a terminal.
 * Fields: `role`, `msg`, and what the line is about: `sessionId`, `slug`, `reason`, `err`.
 */
export function createLog(role: string, level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { role },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
  }
  return destination ? pino(options, destination) : pino(options)
}
