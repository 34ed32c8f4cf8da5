import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Whole } from '../../../test/kit/whole.ts'

/** A fault of the ffmpeg of a channel while a viewer watches. */
export interface Trouble {
  name: string
  /** Causes the fault. Resolves when it is over. */
  run(whole: Whole): Promise<void>
}

const kills = 5
const betweenKillsMs = 3000
const stoppedMs = 15_000
const starvedMs = 20_000
/** Nice value of the programs that use all CPU. The roles have 0 and keep their share. */
const hogNice = 10
const starvedNice = 19

const killed: Trouble = {
  name: `kill -9, ${kills} times`,
  async run(whole) {
    for (let i = 0; i < kills; i++) {
      for (const pid of whole.ffmpegPids()) process.kill(pid, 'SIGKILL')
      await delay(betweenKillsMs)
    }
  },
}

const stopped: Trouble = {
  name: `SIGSTOP for ${stoppedMs / 1000} s`,
  async run(whole) {
    const pids = whole.ffmpegPids()
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await delay(stoppedMs)
    const running = new Set(whole.ffmpegPids())
    for (const pid of pids) if (running.has(pid)) process.kill(pid, 'SIGCONT')
  },
}

/**
 * Lowers the priority of a process, and of the group in which Linux schedules the processes of its session
 * (autogroup).
 */
function lowerPriority(pid: number, nice: number): void {
  setPriority(pid, Math.min(nice, constants.priority.PRIORITY_LOW))
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice))
  } catch {
    // Without autogroups in the kernel, the priority of the process is enough.
  }
}

/** Starts a program for each core that uses all of it until it is killed. Otherwise a timeout ends it. */
function startHogs(): ChildProcess[] {
  return Array.from({ length: availableParallelism() }, () => {
    const loop = ['-c', 'while :; do :; done']
    const hog = spawn('timeout', [String(starvedMs / 1000 + 10), 'sh', ...loop], {
      stdio: 'ignore',
      detached: true,
    })
    if (hog.pid !== undefined) lowerPriority(hog.pid, hogNice)
    return hog
  })
}

/**
 * Creates the troubles. An instance must use the program at `ffmpegPath` as ffmpeg, so that it can be starved
 * of CPU.
 */
export function createTroubles(dir: string): { ffmpegPath: string; troubles: Trouble[] } {
  const flag = join(dir, 'starved')
  const ffmpegPath = join(dir, 'ffmpeg')
  writeFileSync(
    ffmpegPath,
    `#!/bin/sh
if [ -e '${flag}' ]; then
  echo ${starvedNice} 2>/dev/null >/proc/self/autogroup
  exec nice -n ${starvedNice} ffmpeg "$@"
fi
exec ffmpeg "$@"
`,
  )
  chmodSync(ffmpegPath, 0o755)
  const starved: Trouble = {
    name: `no CPU for ${starvedMs / 1000} s`,
    async run(whole) {
      writeFileSync(flag, '')
      const hogs = startHogs()
      try {
        for (const pid of whole.ffmpegPids()) lowerPriority(pid, starvedNice)
        await delay(starvedMs)
      } finally {
        rmSync(flag)
        for (const { pid } of hogs) if (pid !== undefined) process.kill(-pid, 'SIGKILL')
        // The present ffmpegs keep their low priority. Those that replace them do not have it.
        for (const pid of whole.ffmpegPids()) process.kill(pid, 'SIGKILL')
      }
    },
  }
  return { ffmpegPath, troubles: [killed, stopped, starved] }
}
