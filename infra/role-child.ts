import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RoleName } from '../core/presence.ts'
import type { RoleMessage, ToRole } from '../core/role.ts'
import { type Child, endOf, killGroup } from './child.ts'
import type { LogOutput } from './log-output.ts'

/**
 * Ingest keeps little and passes on much: V8, which begins with a small heap, would mark all of it every 2.5 s at 20 streams for the
 * sake of media that is long gone, a seventh of the role's CPU. With this size, MB, the cheap collection of what is young does.
 */
const nodeArguments: Partial<Record<RoleName, readonly string[]>> = {
  ingest: ['--initial-old-space-size=128'],
}

/**
 * Starts a role's process. It leads a process group of its own, so that Ctrl-C reaches the supervisor alone, which stops all in order;
 * when the supervisor is killed, the role sees its IPC channel close and ends.
 */
export function startRole(role: RoleName, environment: NodeJS.ProcessEnv, output: LogOutput): Child {
  const main = fileURLToPath(new URL(`../${role}/main.ts`, import.meta.url))
  const child = fork(main, {
    env: environment,
    execArgv: [...process.execArgv, ...(nodeArguments[role] ?? [])],
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => output(role, line))
  const ended = endOf(child)
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: RoleMessage) => {
      if (message.type === 'ready') resolve()
      else reject(new Error(message.message))
    })
    void ended.then((how) => reject(new Error(`ended before it was ready (${how})`)))
  })
  return {
    pid: child.pid ?? -1,
    ready,
    ended,
    // Not by SIGTERM, at which an edge would first see its viewers off.
    stop() {
      const message: ToRole = { type: 'stop' }
      if (child.connected) child.send(message, (error) => error && child.kill('SIGTERM'))
      else child.kill('SIGTERM')
    },
    kill: () => killGroup(child.pid),
  }
}
