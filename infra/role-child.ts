import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RoleMessage, RoleName, ToRole } from '../core/process/role-messages.ts'
import { roleProcessOf } from '../core/process/role-process.mjs'
import { type Child, endOf, killGroup } from './child.ts'
import type { LogOutput } from './log-output.ts'

/**
 * Starts a role's process. It leads a process group of its own, so that Ctrl-C reaches the supervisor alone, which stops all in order;
 * when the supervisor is killed, the role sees its IPC channel close and ends.
 */
export function startRole(role: RoleName, environment: NodeJS.ProcessEnv, output: LogOutput): Child {
  const main = fileURLToPath(new URL(`../${role}/main.ts`, import.meta.url))
  const suited = roleProcessOf(role)
  const child = fork(main, {
    env: { ...suited.environment, ...environment },
    execArgv: [...process.execArgv, ...suited.arguments],
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
