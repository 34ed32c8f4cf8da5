import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isExecutable, pathsOf } from '../../../core/programs/executables.mjs'
import { checkFfmpeg, type FfmpegVersion } from '../../../core/programs/ffmpeg-version.ts'

/**
 * What confines an ffmpeg. `limits`: of memory and CPU time, with a lower priority and without the rights of
 * root. `files`: it reads programs and libraries only, and writes nothing. `calls`: no network and no other
 * processes. `parent`: it is killed when the transcoder ends.
 */
export const guards = ['limits', 'files', 'calls', 'parent'] as const
export type Guard = (typeof guards)[number]

/** Command that starts a confined ffmpeg, and the guards that confine it. */
export interface FfmpegBox {
  /** Program and first arguments; those of ffmpeg follow. The process becomes ffmpeg, with the same id. */
  command: readonly string[]
  environment: NodeJS.ProcessEnv
  guards: readonly Guard[]
}

export interface FfmpegBoxOptions {
  /** Name of ffmpeg on the PATH, or its path. */
  path: string
  /** Maximum memory of one ffmpeg, MB of address space. */
  memoryMb: number
  /** The whole environment of ffmpeg, which is not trusted with secrets. */
  environment: NodeJS.ProcessEnv
}

const script = fileURLToPath(new URL('confine.pl', import.meta.url))
/** Nice value of ffmpeg. The roles have 0, so viewers come first. */
const niceValue = 2
/**
 * Maximum CPU time of one ffmpeg for each core of the machine, s: 30 days. An ffmpeg that hangs or is too
 * late is replaced long before.
 */
const cpuSecondsPerCore = 30 * 24 * 3600
const probeTimeoutMs = 5000

/**
 * Finds out which guards this system has, and which version of ffmpeg. An ffmpeg that does not start with all
 * of them, because its libraries are in unusual folders, runs without `files`, or else without any guard.
 * @throws NowcastError `bad_settings`, one line for the operator, when ffmpeg cannot be used
 */
export async function openFfmpegBox(
  options: FfmpegBoxOptions,
): Promise<{ version: FfmpegVersion; box: FfmpegBox }> {
  const { path, environment } = options
  const find = (name: string) => pathsOf(name, environment.PATH).find(isExecutable)
  const program = path.includes('/') ? path : (find(path) ?? path)
  const perl = find('perl')
  const found = perl === undefined ? [] : await guardsOf(perl, options)
  const attempts = [found, found.filter((guard) => guard !== 'files'), []]
  for (let attempt = 0; ; attempt++) {
    const tried = attempts[attempt] ?? []
    const prefix = perl === undefined || tried.length === 0 ? [] : confinedBy(perl, tried, options)
    const command = [...prefix, program]
    try {
      const version = await checkFfmpeg(path, command, environment)
      return { version, box: { command, environment, guards: tried } }
    } catch (error) {
      if (attempt >= attempts.length - 1) throw error
    }
  }
}

const confinedBy = (perl: string, names: readonly Guard[], { memoryMb }: FfmpegBoxOptions): string[] => [
  ...[perl, script, `parent=${process.pid}`, `memory=${memoryMb * 1024 * 1024}`],
  ...[`cpu=${cpuSecondsPerCore * availableParallelism()}`, `nice=${niceValue}`, `guards=${names.join(',')}`],
]

/** Returns the guards that this system has; none when the script cannot run. */
async function guardsOf(perl: string, options: FfmpegBoxOptions): Promise<Guard[]> {
  const [command = perl, ...args] = confinedBy(perl, guards, options)
  const { environment: env } = options
  const probe = promisify(execFile)(command, args, { env, timeout: probeTimeoutMs })
  const words = await probe.then(({ stdout }) => stdout.trim().split(' ')).catch((): string[] => [])
  return guards.filter((guard) => words.includes(guard))
}
