import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { NowcastError } from '../../../core/process/errors.ts'

/**
 * Runs a Node program with libfaketime, so that its clock, and that of all programs that it starts, is
 * `speed` times as fast. Returns its output.
 */
export async function runInFastMotion(args: readonly string[], speed: number): Promise<string> {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
  if (library === undefined)
    throw new NowcastError('bad_settings', 'a speed needs libfaketime (Debian: faketime)')
  const child = spawn(process.execPath, args, {
    env: { ...process.env, LD_PRELOAD: library, FAKETIME: `+0 x${speed}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`the run in fast motion ended with ${code}`)
  return Buffer.concat(chunks).toString().trimEnd()
}
