import { execFileSync } from 'node:child_process'
import { NowcastError } from '../../core/process/errors.ts'
import { isAlive } from '../../test/kit/process-table.ts'
import { freeNetwork } from './free-network.ts'

/** A program and its arguments. */
type Command = [program: string, ...args: string[]]

/** A network namespace with one address, on the bridge of a run. */
export interface NetworkNode {
  name: string
  address: string
  /** Returns the command that runs a program in the namespace, as the same process. */
  within(program: string, args: readonly string[]): Command
  /** Takes the link down, as if the cable were pulled. Connections stay open and learn nothing. */
  cut(): void
  /** Brings the link up again. */
  join(): void
  /** Returns the ids of all processes in the namespace. */
  pids(): number[]
}

export interface Network {
  /** Address of this machine on the bridge, and the network of all nodes (CIDR). */
  address: string
  cidr: string
  nodes: readonly NetworkNode[]
  add(name: string): NetworkNode
  /** Kills what still runs in the namespaces, and removes them and the bridge. May be called again. */
  remove(): void
}

/** Names of namespaces and bridges begin with this, followed by the id of the process that made them. */
const [namePrefix, bridgePrefix] = ['nowcast-bench-', 'ncb']
/** Maximum number of nodes: their addresses are 10 to 249 of a network of 256. */
const maxNodes = 240

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' })

/** Runs `ip` for something that may be gone already. */
function tryIp(...args: string[]): string {
  try {
    return ip(...args)
  } catch {
    return ''
  }
}

/**
 * Creates a bridge for network namespaces, with a private network that no route of this machine has.
 * @throws NowcastError `bad_settings` without the rights of root, without the program `ip`, or when the
 * kernel has no network namespaces
 */
export function createNetwork(): Network {
  if (process.getuid?.() !== 0) throw new NowcastError('bad_settings', 'network namespaces need root')
  const routes = routesOfMachine()
  removeFormer()
  const { base, cidr } = freeNetwork(routes, process.pid)
  const address = `${base}.1`
  const bridge = `${bridgePrefix}${process.pid}`
  const nodes: NetworkNode[] = []

  function remove() {
    for (const { pids, name } of nodes.splice(0)) {
      for (const pid of pids()) tryKill(pid)
      tryIp('netns', 'delete', spaceOf(name))
    }
    tryIp('link', 'delete', bridge)
  }
  const spaceOf = (name: string) => `${namePrefix}${process.pid}-${name}`

  try {
    ip('link', 'add', bridge, 'type', 'bridge')
    ip('address', 'add', `${address}/24`, 'dev', bridge)
    ip('link', 'set', bridge, 'up')
  } catch (error) {
    remove()
    throw new NowcastError('bad_settings', `cannot create a bridge: ${(error as Error).message.trim()}`)
  }
  return {
    ...{ address, cidr, nodes, remove },
    add(name) {
      if (nodes.length >= maxNodes) throw new Error(`more than ${maxNodes} nodes`)
      const space = spaceOf(name)
      const link = `ncv${process.pid}x${nodes.length}`
      const node: NetworkNode = {
        name,
        address: `${base}.${10 + nodes.length}`,
        within: (program, args) => ['ip', 'netns', 'exec', space, program, ...args],
        cut: () => void ip('link', 'set', link, 'down'),
        join: () => void ip('link', 'set', link, 'up'),
        pids: () => tryIp('netns', 'pids', space).split('\n').filter(Boolean).map(Number),
      }
      nodes.push(node)
      ip('netns', 'add', space)
      ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space)
      ip('-n', space, 'link', 'set', 'lo', 'up')
      ip('-n', space, 'address', 'add', `${node.address}/24`, 'dev', 'eth0')
      ip('-n', space, 'link', 'set', 'eth0', 'up')
      ip('link', 'set', link, 'master', bridge, 'up')
      return node
    },
  }
}

/** Returns the destinations of all routes of this machine. */
function routesOfMachine(): string[] {
  try {
    return ip('-4', 'route', 'show', 'table', 'all').split('\n')
  } catch {
    throw new NowcastError('bad_settings', 'network namespaces need the program ip (package iproute2)')
  }
}

/** Removes what runs left behind that were killed: their process is gone. */
function removeFormer() {
  const ownerOf = (name: string, prefix: string) =>
    Number(new RegExp(`^${prefix}(\\d+)(?:-|$)`).exec(name)?.[1] ?? Number.NaN)
  const isFormer = (owner: number) => !Number.isNaN(owner) && !isAlive(owner)
  for (const line of tryIp('netns', 'list').split('\n')) {
    const [name = ''] = line.split(' ', 1)
    if (!isFormer(ownerOf(name, namePrefix))) continue
    for (const pid of tryIp('netns', 'pids', name).split('\n').filter(Boolean)) tryKill(Number(pid))
    tryIp('netns', 'delete', name)
  }
  for (const [, name = ''] of tryIp('-o', 'link', 'show', 'type', 'bridge').matchAll(/^\d+: (\w+)/gm))
    if (isFormer(ownerOf(name, bridgePrefix))) tryIp('link', 'delete', name)
}

function tryKill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
