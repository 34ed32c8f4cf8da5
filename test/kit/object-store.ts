import { join } from 'node:path'
import { AwsClient } from 'aws4fetch'
import { freePorts } from './ports.ts'
import { startProcess, type TestProcess } from './processes.ts'
import { root } from './root.ts'
import { recordSecret } from './run-record.ts'
import { here } from './server-place.ts'
import { makeTempDir } from './temp-dir.ts'
import { waitFor } from './wait-for.ts'

/** Where `npm test` installs the object store on Linux. */
const installed = join(root, 'node_modules', '.cache', 'nowcast', 'object-store', 'weed')

const access = {
  accessKeyId: 'key-of-the-object-store-of-tests',
  secretAccessKey: 'the-secret-key-of-the-object-store-of-tests',
}
const bucket = 'segments'

export type ObjectStore = Awaited<ReturnType<typeof startObjectStore>>

/**
 * Starts a real object store with the protocol of S3, SeaweedFS, with an empty bucket; by default at the
 * loopback.
 */
export async function startObjectStore({ address, within } = here) {
  const directory = makeTempDir()
  const names = ['s3', 'master', 'volume', 'filer']
  const ports = await freePorts(names.length * 2)
  const url = `http://${address}:${ports[0]}`
  const [program, ...args] = within(process.env.NOWCAST_SEAWEEDFS ?? installed, [
    ...['mini', `-dir=${directory.path}`, `-ip=${address}`, `-ip.bind=${address}`, `-bucket=${bucket}`],
    ...names.flatMap((name, index) => [
      `-${name}.port=${ports[index]}`,
      `-${name}.port.grpc=${ports[names.length + index]}`,
    ]),
    ...['-webdav=false', '-admin.ui=false', '-s3.port.iceberg=0', '-s3.port.lance=0'],
    ...['-master.telemetry=false', `-filer.localSocket=${directory.path}/filer.sock`],
    `-s3.localSocket=${directory.path}/s3.sock`,
  ])
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: directory.path,
    AWS_ACCESS_KEY_ID: access.accessKeyId,
    AWS_SECRET_ACCESS_KEY: recordSecret(access.secretAccessKey),
  }
  const client = new AwsClient({ ...access, service: 's3', region: 'us-east-1', retries: 0 })
  const probe = async () => (await client.fetch(`${url}/${bucket}/probe`, { method: 'PUT', body: 'x' })).ok

  async function start(): Promise<TestProcess> {
    const store = startProcess(program, args, { env })
    const ended = store.exited.then(() => {
      throw new Error(`the object store ended at its start:\n${store.lines.slice(-20).join('\n')}`)
    })
    await Promise.race([waitFor('the object store', probe, { timeoutMs: 30_000 }), ended])
    ended.catch(() => {})
    await client.fetch(`${url}/${bucket}/probe`, { method: 'DELETE' })
    return store
  }
  let store = await start()

  return {
    url,
    bucket,
    access: { ...access, region: 'us-east-1', endpoint: url },
    /** Settings of a transcoder that stores segments here. */
    settings: {
      NOWCAST_SEGMENT_STORE: `s3://${bucket}/shows`,
      NOWCAST_S3_ENDPOINT: url,
      NOWCAST_S3_ACCESS_KEY_ID: access.accessKeyId,
      NOWCAST_S3_SECRET_ACCESS_KEY: access.secretAccessKey,
    },
    /** Returns the keys of all objects, at most 1000. */
    async keys(): Promise<string[]> {
      const response = await client.fetch(`${url}/${bucket}/?list-type=2`)
      return [...(await response.text()).matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = '']) => key)
    },
    /** Stops the store until `thaw`: connections are accepted, and nothing responds. */
    freeze: () => store.kill('SIGSTOP'),
    thaw: () => store.kill('SIGCONT'),
    kill: () => store.stop('SIGKILL'),
    /** Starts the store again, with its objects, after `kill`. */
    async restart(): Promise<void> {
      store = await start()
    },
    async stop(): Promise<void> {
      store.kill('SIGCONT')
      await store.stop('SIGKILL')
      directory.remove()
    },
  }
}
