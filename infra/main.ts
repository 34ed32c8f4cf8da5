import { messageOf, NowcastError } from '../core/process/errors.ts'
import { createJsonOutput, createTerminalOutput } from './output/log-output.ts'
import { bannerOf, firstAccountLink, openDemoChannel, withPaths } from './output/welcome.ts'
import { readSupervisorSettings } from './supervisor/settings.ts'
import { type Supervisor, startSupervisor } from './supervisor/supervisor.ts'

/**
 * Time in which several SIGINTs count as one Ctrl-C, ms. The terminal sends one to each process, and a parent
 * process such as npm may forward the one that it received.
 */
const sameCtrlCMs = 500

/** Runs everything on this machine until it is asked to shut down. Returns the exit code. */
async function main(): Promise<number> {
  const startedAt = performance.now()
  let supervisor: Supervisor | undefined
  const shutdown = shutdownRequested(() => supervisor?.kill())
  try {
    const settings = readSupervisorSettings(process.env)
    const output = process.stdout.isTTY
      ? await createTerminalOutput(process.stdout)
      : createJsonOutput(process.stdout)
    supervisor = await startSupervisor(settings, process.env, output)
    const ready = await Promise.race([supervisor.ready, shutdown])
    if (ready !== undefined) {
      const { managerUrl, adminToken, dataDir } = ready
      // From now on channels may be live, so a failure of the demo channel must not end the roles.
      const demo = await openDemoChannel(managerUrl, adminToken, dataDir).catch((error: unknown) => {
        process.stderr.write(`nowcast: the channel demo is not available: ${messageOf(error)}\n`)
        return undefined
      })
      const readyMs = performance.now() - startedAt
      const firstAccount = firstAccountLink(dataDir)
      const facts = { demo, consoleUrl: `${managerUrl}/`, adminToken, firstAccount, readyMs }
      // Whatever is not a terminal may keep what is written.
      const shown = process.stdout.isTTY ? facts : withPaths(facts, dataDir, settings.adminToken)
      process.stdout.write(bannerOf(shown))
      await shutdown
    }
    await supervisor.stop()
    return 0
  } catch (error) {
    // Nothing is live after a failed start, so the processes need not end in order.
    supervisor?.kill()
    process.stderr.write(
      `nowcast: ${error instanceof NowcastError ? messageOf(error) : (error as Error).stack}\n`,
    )
    return 1
  }
}

/**
 * Resolves at the first request to shut down: a signal, or the end of the process that started this one. A
 * second Ctrl-C calls `kill` and ends this process.
 */
function shutdownRequested(kill: () => void): Promise<undefined> {
  return new Promise((resolve) => {
    let requestedAt: number | undefined
    process.on('SIGINT', () => {
      requestedAt ??= performance.now()
      resolve(undefined)
      if (performance.now() - requestedAt < sameCtrlCMs) return
      kill()
      process.exit(130)
    })
    for (const event of ['SIGTERM', 'SIGHUP', 'disconnect'] as const)
      process.on(event, () => resolve(undefined))
  })
}

// Without a listener, an error such as EPIPE would end this process when nothing reads its output any more.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

process.exit(await main())
