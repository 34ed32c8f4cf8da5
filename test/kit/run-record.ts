import { appendFileSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Environment variable with the folder in which all processes of a test run record. */
const variable = 'NOWCAST_TEST_RECORD'
/** Number of characters of a leak that the report shows before and after the secret. */
const contextLength = 120

let output: number | undefined

/** Records what a process of nowcast has written. Without a test run, it does nothing. */
export function recordOutput(chunk: Buffer): void {
  const folder = process.env[variable]
  if (folder === undefined) return
  output ??= openSync(join(folder, `output-${process.pid}`), 'a')
  writeSync(output, chunk)
}

/** Records that no process may write `secret`. Returns it. */
export function recordSecret(secret: string): string {
  const folder = process.env[variable]
  if (folder !== undefined) appendFileSync(join(folder, 'secrets'), `${secret}\n`)
  return secret
}

/** Records the secrets in a response of the API. */
export function recordSecretsIn(json: string): void {
  for (const [, secret = ''] of json.matchAll(/"(?:streamKey|key|token)":"([\w.-]{16,})"/g))
    recordSecret(secret)
  for (const [token] of json.matchAll(/\bco_[\w-]{65}/g)) recordSecret(token)
}

/**
 * Begins the record of a test run; vitest calls it before all tests. The function that it returns runs after
 * them. It searches all that was written for all secrets.
 */
export default function startRecord(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'nowcast-record-'))
  process.env[variable] = folder
  appendFileSync(join(folder, 'secrets'), '')
  return () => {
    const secrets = new Set(readFileSync(join(folder, 'secrets'), 'utf8').split('\n').filter(Boolean))
    const outputs = readdirSync(folder).filter((name) => name.startsWith('output-'))
    const leaks = outputs.flatMap((name) => leaksIn(readFileSync(join(folder, name), 'latin1'), secrets))
    rmSync(folder, { recursive: true, force: true })
    if (leaks.length > 0) {
      process.exitCode = 1
      throw new Error(`secrets were written by processes:\n${leaks.slice(0, 20).join('\n')}`)
    }
  }
}

/** Returns the surroundings of the first place of each secret. */
export function leaksIn(text: string, secrets: Iterable<string>): string[] {
  return [...secrets].flatMap((secret) => {
    const at = text.indexOf(secret)
    if (at < 0) return []
    const around = text.slice(Math.max(0, at - contextLength), at + secret.length + contextLength)
    return [around.replaceAll(secret, '[secret]')]
  })
}
