import { parseSync } from 'vite'
import { isNode, type Node, walk } from './tree/source-file.ts'
import { readTree } from './tree/source-tree.ts'

/** A place where a program reads a setting. */
export interface SettingCall {
  file: string
  variable: string
  /** The default as text; undefined when it is not a literal string or number. */
  fallback: string | undefined
}

const name = /^(?:NOWCAST_[A-Z0-9_]+|REDIS_URL|DATABASE_URL)$/

/** Returns every place in a settings file that reads a setting, as in `port('NOWCAST_EDGE_PORT', 8088)`. */
export function readSettingCalls(): SettingCall[] {
  return readTree()
    .filter(({ path }) =>
      /^\w+\/(?:process\/|supervisor\/|connections\/)?(?:shared-|tls-|proxy-)?settings\.ts$/.test(path),
    )
    .flatMap(({ path, text }) => {
      const calls: SettingCall[] = []
      walk(parseSync(path, text).program, (node) => {
        const variable = variableOf(node)
        if (variable !== undefined) calls.push({ file: path, variable, fallback: fallbackOf(node) })
      })
      return calls
    })
}

/** Returns the setting that the first argument of a call, or the property `variable` of an object, names. */
function variableOf(node: Node): string | undefined {
  if (node.type === 'CallExpression') return nameIn((node.arguments as unknown[])[0])
  if (node.type === 'Property' && isNode(node.key) && node.key.name === 'variable') return nameIn(node.value)
  return undefined
}

function nameIn(node: unknown): string | undefined {
  const value = literalOf(node)
  return value !== undefined && name.test(value) ? value : undefined
}

/**
 * Returns the default in a call: the second argument if it is a literal string or number. Otherwise it is the
 * third one, unless the second is a regular expression.
 */
function fallbackOf(node: Node): string | undefined {
  if (node.type !== 'CallExpression') return undefined
  const [, second, third] = node.arguments as unknown[]
  return literalOf(second) ?? (isNode(second) && !isRegExp(second) ? literalOf(third) : undefined)
}

const isRegExp = (node: Node) => node.type === 'Literal' && 'regex' in node

function literalOf(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== 'Literal') return undefined
  return ['string', 'number'].includes(typeof node.value) ? String(node.value) : undefined
}
