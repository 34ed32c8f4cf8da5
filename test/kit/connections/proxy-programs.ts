import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isListening } from '../ports.ts'
import { startProcess } from '../processes.ts'
import { root } from '../root.ts'
import { waitFor } from '../wait-for.ts'

/**
 * Returns a file of `examples/` in which each key of `changes` is replaced by its value, everywhere.
 * @throws Error when the file does not contain a key, so that the tests keep to what users copy
 */
export function exampleWith(path: string, changes: Record<string, string>): string {
  let text = readFileSync(join(root, 'examples', path), 'utf8')
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`examples/${path} has no ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

/**
 * Line of a configuration of nginx with the user of its workers. By default, those of root run as another
 * user, who may not read temporary directories.
 */
export const nginxUser = process.getuid?.() === 0 ? 'user root;' : ''

/** Starts nginx with servers for the `http` block. Resolves when `port` accepts connections. */
export function startNginx(directory: string, servers: string, port: number) {
  const inDirectory = (name: string) => join(directory, name)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    inDirectory('nginx.conf'),
    `${nginxUser} daemon off; pid ${inDirectory('nginx.pid')};
    events {}
    http {
      ${temporary.map((name) => `${name}_temp_path ${inDirectory(name)};`).join('\n')}
      ${servers}
    }`,
  )
  const errors = inDirectory('error.log')
  return startProxy(
    process.env.NOWCAST_NGINX ?? 'nginx',
    ['-p', directory, '-c', inDirectory('nginx.conf'), '-e', errors],
    port,
  )
}

/** Starts HAProxy with a configuration. Resolves when `port` accepts connections. */
export function startHaproxy(directory: string, config: string, port: number) {
  const file = join(directory, 'haproxy.cfg')
  writeFileSync(file, config)
  return startProxy(process.env.NOWCAST_HAPROXY ?? 'haproxy', ['-db', '-f', file], port)
}

/** Starts Caddy with a Caddyfile, without its admin endpoint. Resolves when `port` accepts connections. */
export function startCaddy(directory: string, caddyfile: string, port: number) {
  const file = join(directory, 'Caddyfile')
  writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n${caddyfile}`)
  const program = process.env.NOWCAST_CADDY ?? 'caddy'
  return startProxy(program, ['run', '--config', file, '--adapter', 'caddyfile'], port, {
    ...process.env,
    XDG_CONFIG_HOME: directory,
    XDG_DATA_HOME: directory,
  })
}

async function startProxy(
  program: string,
  args: readonly string[],
  port: number,
  env: NodeJS.ProcessEnv = process.env,
) {
  const proxy = startProcess(program, args, { env })
  const ended = proxy.exited.then(() => {
    throw new Error(`${program} ended:\n${proxy.lines.join('\n')}`)
  })
  ended.catch(() => {})
  try {
    await Promise.race([waitFor(`${program} to listen`, () => isListening(port)), ended])
  } catch (error) {
    await proxy.stop()
    throw error
  }
  return proxy
}
