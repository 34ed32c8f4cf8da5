import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLog } from '../../../../core/process/log.ts'
import { closeRedis, connectRedis, type Redis, redisReady } from '../../../../core/process/redis.ts'
import { waitFor } from '../../../../test/kit/wait-for.ts'
import type { Network, NetworkNode } from '../../../stand/namespaces.ts'
import type { OnCleanup } from '../../../stand/scope.ts'
import { type KeptOptions, type KeptProcess, keepRunning } from './kept-process.ts'

const [name, password] = ['show', 'the-password-of-redis-of-this-bench']
const [port, sentinelPort] = [6379, 26_379]
/** Time from the death of a server to its next start, ms: longer than a failover. */
const restartMs = 6000
/** Maximum time until a server or a sentinel accepts a connection, ms. */
const maxConnectMs = 2000

interface RedisOptions {
  network: Network
  directory: string
  usual: Pick<KeptOptions, 'env' | 'logs'>
  onCleanup: OnCleanup
}

/**
 * Starts a primary, a replica and three sentinels, each at an address of its own. Two sentinels that agree
 * make the replica the primary a second after the primary has disappeared. A server that starts again is the
 * replica of the present primary.
 */
export async function startRedisCluster({ network, directory, usual, onCleanup }: RedisOptions) {
  const nodes = ['a', 'b'].map((each) => network.add(`redis-${each}`))
  const sentinelNodes = ['a', 'b', 'c'].map((each) => network.add(`sentinel-${each}`))
  const servers: KeptProcess[] = []
  const sentinels: KeptProcess[] = []
  const [first] = nodes
  if (first === undefined) throw new Error('there is no Redis')

  /** Starts a process that is stopped with the cluster, and adds it to a list. */
  async function keep(to: KeptProcess[], options: Pick<KeptOptions, 'node' | 'command' | 'isReady'>) {
    const kept = await keepRunning({ ...usual, ...options, restartMs: () => restartMs })
    onCleanup(() => kept.stop('SIGKILL', 0))
    to.push(kept)
  }
  for (const node of nodes)
    await keep(servers, {
      node,
      isReady: () => replicationWorks(node),
      async command() {
        const primary = sentinels.length === 0 ? first.address : await primaryAddress(sentinelNodes)
        return serverCommand(node, directory, primary)
      },
    })
  await waitFor('the Redis servers', async () =>
    (await Promise.all(servers.map((each) => each.isReady()))).every(Boolean),
  )
  for (const node of sentinelNodes) {
    const config = writeSentinelConfig(node, directory, first.address)
    await keep(sentinels, {
      node,
      command: () => ['redis-server', config, '--sentinel'],
      isReady: () => ask(sentinelUrl(node), (redis) => redis.ping()),
    })
  }
  await waitFor('the sentinels to know each other', async () => {
    const known = sentinelNodes.map((node) =>
      ask(sentinelUrl(node), (redis) => redis.call('SENTINEL', 'MASTER', name)),
    )
    const texts = (await Promise.all(known)).map((each) => JSON.stringify(each))
    return texts.every((text) => /"num-other-sentinels","2"/.test(text) && /"num-slaves","1"/.test(text))
  })

  const hosts = sentinelNodes.map(({ address }) => `${address}:${sentinelPort}`).join(',')
  return {
    /** Value for REDIS_URL. */
    url: `redis+sentinel://:${password}@${hosts}/${name}`,
    processes: [...servers, ...sentinels],
    /** Returns the server that the sentinels call the primary. */
    async primary(): Promise<KeptProcess> {
      const address = await primaryAddress(sentinelNodes)
      const found = servers.find(({ node }) => node.address === address)
      if (found === undefined) throw new Error(`no Redis server has the address ${address}`)
      return found
    },
  }
}

const sentinelUrl = ({ address }: NetworkNode) => `redis://${address}:${sentinelPort}`

/** Rejects while a server is a replica that does not follow its primary. */
async function replicationWorks({ address }: NetworkNode): Promise<void> {
  const info = await ask(`redis://:${password}@${address}:${port}`, (redis) => redis.info('replication'))
  if (!/role:master|master_link_status:up/.test(info)) throw new Error('the replica does not follow yet')
}

/** Returns the address of the primary, as the first sentinel that responds knows it. */
async function primaryAddress(sentinels: readonly NetworkNode[]): Promise<string> {
  for (const node of sentinels) {
    const found = await ask(sentinelUrl(node), (redis) =>
      redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name),
    ).catch(() => undefined)
    if (Array.isArray(found)) return String(found[0])
  }
  throw new Error('no sentinel responds')
}

const serverCommand = (node: NetworkNode, directory: string, primary: string): string[] => [
  ...['redis-server', '--port', String(port), '--bind', node.address, '--dir', directory],
  ...['--dbfilename', `${node.name}.rdb`, '--save', '', '--appendonly', 'no'],
  ...['--repl-diskless-sync-delay', '0', '--requirepass', password, '--masterauth', password],
  ...(primary === node.address ? [] : ['--replicaof', primary, String(port)]),
]

/** Writes the configuration of a sentinel. Returns the path of the file. */
function writeSentinelConfig(
  { name: node, address }: NetworkNode,
  directory: string,
  primary: string,
): string {
  const file = join(directory, `${node}.conf`)
  writeFileSync(
    file,
    [
      ...[`port ${sentinelPort}`, `bind ${address}`, `dir ${directory}`],
      `sentinel monitor ${name} ${primary} ${port} 2`,
      `sentinel auth-pass ${name} ${password}`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
      '',
    ].join('\n'),
  )
  return file
}

/** Opens a connection, asks one question and closes the connection. */
async function ask<Answer>(url: string, question: (redis: Redis) => Promise<Answer>): Promise<Answer> {
  const log = createLog('bench', 'silent')
  const redis = connectRedis({ url, log, purpose: 'bench', whenAway: 'fail' })
  try {
    await redisReady(redis, maxConnectMs)
    return await question(redis)
  } finally {
    closeRedis(redis)
  }
}
