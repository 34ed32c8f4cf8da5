import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../core/process/log.ts'
import { readManagerSettings } from '../../manager/settings.ts'
import { wireManager } from '../../manager/wire.ts'
import { type ApiDocument, clientTypes } from './client-types.ts'

/** Returns the OpenAPI document of a manager, which runs for that without Redis in a directory of its own. */
export async function readApiDocument(): Promise<ApiDocument> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nowcast-client-'))
  try {
    const secret = randomBytes(32).toString('hex')
    const settings = readManagerSettings({
      NOWCAST_DATA_DIR: dataDir,
      NOWCAST_CLUSTER_SECRET: secret,
      REDIS_URL: 'redis://127.0.0.1:1',
    })
    const { app, close } = await wireManager(createLog('manager', 'fatal'), settings, dataDir)
    const response = await app.inject('/openapi.json')
    await close()
    return response.json()
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

// Writes the types of the client. To run after each change of the API.
if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '../src/generated.ts'), clientTypes(await readApiDocument()))
