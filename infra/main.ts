import { messageOf, NowcastError } from '../core/process/errors.ts'
import { bannerOf } from './banner.ts'
import { openDemoChannel } from './demo-channel.ts'
import { createJsonOutput, createTerminalOutput } from './log-output.ts'
import { readSupervisorSettings } from './settings.ts'
import { type Supervisor, startSupervisor } from './supervisor.ts'

/** One Ctrl-C may arrive several times, from the terminal and from each program that started this one, ms. */
const sameCtrlCMs = 500

/** Runs everything on this machine until it is asked to stop; gives the exit code. */
async function main(): Promise<number> {
  const startedAt = performance.now()
  let supervisor: Supervisor | undefined
  const stopped = stopRequest(() => supervisor?.kill())
  try {
    const settings = readSupervisorSettings(process.env)
    const output = process.stdout.isTTY
      ? await createTerminalOutput(process.stdout)
      : createJsonOutput(process.stdout)
    supervisor = await startSupervisor(settings, process.env, output)
    const ready = await Promise.race([supervisor.ready, stopped])
    if (ready !== undefined) {
      const { managerUrl, adminToken, dataDir } = ready
      const demo = await openDemoChannel(managerUrl, adminToken, dataDir)
      const readyMs = performance.now() - startedAt
      process.stdout.write(bannerOf({ demo, consoleUrl: `${managerUrl}/`, adminToken, readyMs }))
      await stopped
    }
    await supervisor.stop()
    return 0
  } catch (error) {
    // Nobody is served yet: there is nothing to end in order.
    supervisor?.kill()
    process.stderr.write(
      `nowcast: ${error instanceof NowcastError ? messageOf(error) : (error as Error).stack}\n`,
    )
    return 1
  }
}

/** Resolves at the first request to stop: a signal, or the end of the process that started this one. A second Ctrl-C ends all at once. */
function stopRequest(kill: () => void): Promise<undefined> {
  return new Promise((resolve) => {
    let askedAt: number | undefined
    process.on('SIGINT', () => {
      askedAt ??= performance.now()
      resolve(undefined)
      if (performance.now() - askedAt < sameCtrlCMs) return
      kill()
      process.exit(130)
    })
    for (const event of ['SIGTERM', 'SIGHUP', 'disconnect'] as const)
      process.on(event, () => resolve(undefined))
  })
}

process.exit(await main())
