import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** Fields whose values are not written, at the top level and one level deeper. They may hold secrets. */
const secretFields = ['streamKey', 'key', 'token', 'authorization', 'adminToken', 'clusterSecret', 'password']

/**
 * Creates a logger that writes one JSON object per line, by default to stdout. The supervisor formats the
 * lines for a terminal. Besides `role` and `msg`, usual fields are `sessionId`, `slug`, `reason` and `err`.
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
