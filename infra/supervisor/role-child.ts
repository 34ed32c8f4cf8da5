import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RoleMessage, RoleName, ToRole } from '../../core/process/role-messages.ts'
import { roleProcessOf } from '../../core/process/role-process.mjs'
import type { LogOutput } from '../output/log-output.ts'
import { type Child, endOf, killGroup } from './child.ts'

/**
 * Starts the process of a role. It leads its own process group, so that Ctrl-C only reaches the supervisor,
 * which stops all roles in order. When the supervisor is killed, the role's IPC channel closes and the role
 * ends.
 */
export function startRole(role: RoleName, environment: NodeJS.ProcessEnv, output: LogOutput): Child {
  const main = fileURLToPath(new URL(`../../${role}/main.ts`, import.meta.url))
  const roleProcess = roleProcessOf(role)
  const child = fork(main, {
    env: { ...roleProcess.environment, ...environment },
    execArgv: [...process.execArgv, ...roleProcess.arguments],
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
    // A message, because SIGTERM would make an edge drain first.
    stop() {
      const message: ToRole = { type: 'stop' }
      if (child.connected) child.send(message, (error) => error && child.kill('SIGTERM'))
      else child.kill('SIGTERM')
    },
    kill: () => killGroup(child.pid),
  }
}
