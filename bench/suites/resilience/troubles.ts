import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, constants, setPriority } from 'node:os'
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
  try {
    setPriority(pid, Math.min(nice, constants.priority.PRIORITY_LOW))
    writeFileSync(`/proc/${pid}/autogroup`, String(nice))
  } catch {
    // The process has ended, or the kernel has no autogroups and the priority of the process is enough.
  }
}

/**
 * Starts one program per core that uses all of it until it is killed. If the bench dies, a timeout ends it.
 */
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

/** Time between two searches for new ffmpegs, which are starved too, ms. */
const starveEveryMs = 250

const starved: Trouble = {
  name: `no CPU for ${starvedMs / 1000} s`,
  async run(whole) {
    const hogs = startHogs()
    const starve = () => {
      for (const pid of whole.ffmpegPids()) lowerPriority(pid, starvedNice)
    }
    const timer = setInterval(starve, starveEveryMs)
    try {
      starve()
      await delay(starvedMs)
    } finally {
      clearInterval(timer)
      for (const { pid } of hogs) if (pid !== undefined) process.kill(-pid, 'SIGKILL')
      // The present ffmpegs would keep their low priority. The ones that replace them have the normal one.
      for (const pid of whole.ffmpegPids()) process.kill(pid, 'SIGKILL')
    }
  },
}

export const troubles: readonly Trouble[] = [killed, stopped, starved]
