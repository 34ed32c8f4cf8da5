import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createHangWatch } from '../../core/mechanisms/hang-watch.ts'
import type { RoleMessage, RoleName, ToRole } from '../../core/process/role-messages.ts'
import { roleProcessOf } from '../../core/process/role-process.mjs'
import { withoutSecrets } from '../../core/programs/environment.mjs'
import type { LogOutput } from '../output/log-output.ts'
import { type Child, endOf, killGroup } from './child.ts'

/**
 * Starts the process of a role. It leads its own process group, so that Ctrl-C reaches only the supervisor.
 * The supervisor then stops all roles in order. When the supervisor is killed, the role's IPC channel closes
 * and the role ends. Once a role is ready, it is killed when its event loop stands still for `hangMs`; 0
 * turns this off.
 */
export function startRole(
  role: RoleName,
  environment: NodeJS.ProcessEnv,
  output: LogOutput,
  hangMs: number,
): Child {
  const main = fileURLToPath(new URL(`../../${role}/main.ts`, import.meta.url))
  const roleProcess = roleProcessOf(role)
  const child = fork(main, {
    env: { ...roleProcess.environment, ...withoutSecrets(environment, role) },
    execArgv: [...process.execArgv, ...roleProcess.arguments],
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => output(role, line))
  const send = (message: ToRole) => {
    if (child.connected)
      child.send(message, (error) => error && message.type === 'stop' && child.kill('SIGTERM'))
    // SIGTERM would make an edge drain first, so it is sent only when the message cannot be.
    else if (message.type === 'stop') child.kill('SIGTERM')
  }
  const watch = createHangWatch({
    ask: () => send({ type: 'ask' }),
    kill: () => killGroup(child.pid),
    limitMs: hangMs,
  })
  const ended = endOf(child).then((how) => {
    watch.end()
    return watch.hasHung ? `killed, because its event loop stood still for ${hangMs / 1000} s` : how
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: RoleMessage) => {
      if (message.type === 'alive') watch.answered()
      else if (message.type === 'failed') reject(new Error(message.message))
      else {
        watch.begin()
        resolve()
      }
    })
    void ended.then((how) => reject(new Error(`ended before it was ready (${how})`)))
  })
  return {
    pid: child.pid ?? -1,
    ready,
    ended,
    stop: () => send({ type: 'stop' }),
    retire: () => send({ type: 'retire' }),
    kill: () => killGroup(child.pid),
  }
}
