import { roleProcessOf } from '../../../core/process/role-process.mjs'
import { startProcess, type TestProcess } from '../processes.ts'
import { mainOf } from '../root.ts'
import { recordSecret } from '../run-record.ts'
import { adminToken, clusterSecret } from './test-manager.ts'

export interface ManagerProcess extends TestProcess {
  /** Sends a request with the admin token. Rejects when the manager dies first. */
  call<Body>(method: string, path: string, body?: object): Promise<{ status: number; body: Body }>
}

/** Starts a manager as a process of its own, as `npx nowcast manager` does. Resolves when it listens. */
export async function startManagerProcess(
  port: number,
  env: Record<string, string>,
): Promise<ManagerProcess> {
  const roleProcess = roleProcessOf('manager')
  const manager = startProcess(process.execPath, [...roleProcess.arguments, mainOf('manager')], {
    env: {
      ...roleProcess.environment,
      ...process.env,
      NOWCAST_ADMIN_TOKEN: recordSecret(adminToken),
      NOWCAST_CLUSTER_SECRET: recordSecret(clusterSecret),
      NOWCAST_MANAGER_PORT: String(port),
      ...env,
    },
  })
  await manager.line(/"msg":"ready"/, 30_000).catch(async (error: unknown) => {
    await manager.stop('SIGKILL')
    throw error
  })
  return Object.assign(manager, {
    async call<Body>(method: string, path: string, body?: object) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return { status: response.status, body: (await response.json()) as Body }
    },
  })
}
