import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../root.ts'

// Sends a request as curl does, with the options that the documents use, where curl is not installed.
if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      header: { type: 'string', short: 'H', multiple: true },
      request: { type: 'string', short: 'X' },
      data: { type: 'string', short: 'd' },
      'data-binary': { type: 'string' },
      'dump-header': { type: 'string', short: 'D' },
      output: { type: 'string', short: 'o' },
      silent: { type: 'boolean', short: 's' },
    },
  })
  const file = values['data-binary']?.replace(/^@/, '')
  const body = file === undefined ? values.data : readFileSync(file)
  const response = await fetch(positionals[0] ?? '', {
    method: values.request ?? (body === undefined ? 'GET' : 'POST'),
    headers: (values.header ?? []).map((line): [string, string] => {
      const [name = '', ...value] = line.split(': ')
      return [name, value.join(': ')]
    }),
    ...(body === undefined ? {} : { body }),
  })
  const head = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`)
  if (values['dump-header'] !== undefined) process.stdout.write(head.join(''))
  if (values.output === undefined) process.stdout.write(await response.text())
  process.exitCode = response.ok ? 0 : 22
}

/** Start of a shell script whose `curl` fails when the response is an error. By default it does not. */
export const curlPrelude = `set -eu
if command -v curl > /dev/null
then curl() { command curl --silent --show-error --fail "$@"; echo; }
else curl() { '${process.execPath}' '${join(root, 'test/kit/http/curl.ts')}' "$@"; echo; }
fi
`
