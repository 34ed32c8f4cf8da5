import type { Writable } from 'node:stream'
import { createLog, type Log, redact } from '../../core/process/log.ts'

/** Shows the operator one log line. `role` names the role or other process that wrote it. */
export type LogOutput = (role: string, line: string) => void

/**
 * Creates the output for files and log collectors: one JSON object per line. A line that is not JSON, such as
 * from a crash of Node itself, is wrapped in an object.
 */
export function createJsonOutput(stream: Writable): LogOutput {
  return (role, line) => stream.write(`${isJson(line) ? line : redact(JSON.stringify(wrap(role, line)))}\n`)
}

/** Creates the output for a terminal: time, level, role, message, then the other fields. */
export async function createTerminalOutput(stream: Writable): Promise<LogOutput> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    colorize: true,
    ignore: 'role',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    messageFormat: (entry, messageKey) => `${paint(String(entry.role))} ${String(entry[messageKey])}`,
  })
  return (role, line) => stream.write(pretty(isJson(line) ? line : redact(JSON.stringify(wrap(role, line)))))
}

/** ANSI colour code of each role and of the private Redis. */
const colours: Record<string, number> = { ingest: 34, transcoder: 35, edge: 36, manager: 33, redis: 31 }

function paint(role: string): string {
  return `\u001b[${colours[role] ?? 90}m${role.padEnd(10)}\u001b[0m`
}

/** Creates a log for the supervisor or the private Redis that writes to the same output as the roles. */
export function createOutputLog(role: string, level: string, output: LogOutput): Log {
  return createLog(role, level, { write: (line) => output(role, line.trimEnd()) })
}

function isJson(line: string): boolean {
  return line.startsWith('{') && line.endsWith('}')
}

function wrap(role: string, line: string) {
  return { level: 'warn', time: new Date().toISOString(), role, msg: line }
}
