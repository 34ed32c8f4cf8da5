import { AsyncLocalStorage } from 'node:async_hooks'
import { type DestinationStream, type Logger, pino } from 'pino'
import { createLineWriter, type LineWriter } from './line-writer.ts'

export type Log = Logger

/** Fields of all lines that are logged in a context, such as the id of a request. */
export const logContext = new AsyncLocalStorage<Readonly<Record<string, string>>>()

/** Fields that may hold secrets. */
const secretFields = [
  ...['streamKey', 'key', 'token', 'authorization', 'cookie', 'adminToken', 'password', 'secret'],
  ...[
    'clusterSecret',
    'edgeSecret',
    'peerKey',
    'sourceKey',
    'tokenKey',
    'coachKey',
    'passwordKey',
    'browserKey',
    'redisUrl',
    'databaseUrl',
  ],
  ...['s3AccessKeyId', 's3SecretAccessKey', 'accessKeyId', 'secretAccessKey', 'sessionToken'],
]
const censor = '[secret]'

/**
 * What a line must not contain: text in one of these fields at any depth, also of JSON within a text, the
 * password of a URL, a bearer token, a stream key, an API token, the playback token of a path or a query,
 * and the token of a coach page.
 */
const secretTexts: readonly [RegExp, string][] = [
  [new RegExp(`"(${secretFields.join('|')})":"(?:[^"\\\\]|\\\\.)+"`, 'g'), `"$1":"${censor}"`],
  [
    new RegExp(`(\\\\{1,9}"(?:${secretFields.join('|')})\\\\{1,9}": *\\\\{1,9}")[^"\\\\]+`, 'g'),
    `$1${censor}`,
  ],
  [/(:\/\/[^\s:/?#@"]*):[^\s/?#"]+@/g, `$1:${censor}@`],
  [/\b(Bearer|Basic) +[\w+/=.~-]+/gi, `$1 ${censor}`],
  [/\bsk_[\w-]{22}/g, `sk_${censor}`],
  [/\bnc_([a-z]{3})_\w{22}_\w{6}/g, `nc_$1_${censor}`],
  [/\bco_[\w-]{65}/g, `co_${censor}`],
  [/((?:\/|%2F)live(?:\/|%2F)t(?:\/|%2F))[\w.-]+/gi, `$1${censor}`],
  [/([?&](?:token|key|secret|password)=)[^\s&"\\]+/g, `$1${censor}`],
]

/** Removes what may be a secret from a line of a log. */
export const redact = (line: string): string =>
  secretTexts.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line)

/** The writer of all logs of this process to stdout. */
let stdoutLines: LineWriter | undefined

/** Returns the writer to stdout. Lines about lost lines have the role of the first caller. */
function linesToStdout(role: string): LineWriter {
  if (stdoutLines) return stdoutLines
  const lines = createLineWriter((lost) => {
    const entry = { level: 'warn', time: new Date().toISOString(), role, lost, msg: 'log lines lost' }
    return `${JSON.stringify(entry)}\n`
  })
  process.on('exit', () => lines.flushSync())
  stdoutLines = lines
  return lines
}

/**
 * Creates a logger that writes one JSON object per line, without secrets, by default to stdout. The
 * supervisor formats the lines for a terminal. Besides `role` and `msg`, usual fields are `sessionId`,
 * `slug`, `reason` and `err`.
 */
export function createLog(
  role: string,
  level: string,
  destination: DestinationStream = linesToStdout(role),
): Log {
  const options = {
    level,
    base: { role },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor },
    // A copy, because pino adds the fields of the line.
    mixin: () => ({ ...logContext.getStore() }),
    hooks: { streamWrite: redact },
  }
  return pino(options, destination)
}

/** The methods of a log, with a limit on the number of lines; see `limitLines`. */
export type LimitedLog = Record<
  'debug' | 'info' | 'warn' | 'error',
  (fields: LineFields, message: string) => void
>

interface LineFields {
  /** One of a few fixed words, because lines with different reasons are limited separately. */
  reason?: string
  [name: string]: unknown
}

/**
 * Returns a log for lines that strangers can cause. It writes at most `lines` lines of the same level,
 * message and reason in `intervalMs`. One more line at the end of the interval has the number of lines left
 * out.
 */
export function limitLines(
  log: Pick<Log, keyof LimitedLog>,
  { lines = 20, intervalMs = 60_000 } = {},
): LimitedLog {
  const counts = new Map<string, number>()
  const limited = (level: keyof LimitedLog) => (fields: LineFields, message: string) => {
    const { reason } = fields
    const key = `${level} ${reason} ${message}`
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    if (count < lines) log[level](fields, message)
    if (count > 0) return
    const summarize = () => {
      const leftOut = (counts.get(key) ?? 0) - lines
      counts.delete(key)
      if (leftOut > 0) log[level]({ ...(reason === undefined ? {} : { reason }), leftOut }, message)
    }
    logContext.exit(() => setTimeout(summarize, intervalMs).unref())
  }
  return { debug: limited('debug'), info: limited('info'), warn: limited('warn'), error: limited('error') }
}
