import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NowcastError } from '../../../core/process/errors.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'

/**
 * Runs a Node program with libfaketime, so that its clock and that of all programs that it starts are `speed`
 * times as fast. Returns its output.
 *
 * Redis keeps its own clock, because libfaketime and the allocator of Redis block each other. By the clock of
 * the other programs, times to live in Redis are longer by that factor.
 *
 * @throws NowcastError when libfaketime is missing
 * @throws Error when the program fails
 */
export async function runInFastMotion(args: readonly string[], speed: number): Promise<string> {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
  if (library === undefined)
    throw new NowcastError('bad_settings', 'a speed needs libfaketime (Debian: faketime)')
  const dir = makeTempDir()
  try {
    writePlainRedis(dir.path, process.env.PATH ?? '')
    const child = spawn(process.execPath, args, {
      env: {
        ...process.env,
        PATH: `${dir.path}:${process.env.PATH}`,
        LD_PRELOAD: library,
        FAKETIME: `+0 x${speed}`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`the run in fast motion ended with ${code}`)
    return Buffer.concat(chunks).toString().trimEnd()
  } finally {
    dir.remove()
  }
}

/** Writes a `redis-server` that runs the one on the path without libfaketime. */
function writePlainRedis(dir: string, path: string): void {
  const file = join(dir, 'redis-server')
  writeFileSync(file, `#!/bin/sh\nunset LD_PRELOAD\nPATH='${path}' exec redis-server "$@"\n`)
  chmodSync(file, 0o755)
}
