import { parseSync } from 'vite'

/** A text file of the project, with everything that the rules of the tree check. */
export interface SourceFile {
  /** Path relative to the root, with slashes. */
  path: string
  text: string
  lines: number
  /** Modules that the file imports, re-exports from, requires or names in a type. */
  imports: string[]
  comments: SourceComment[]
  functions: SourceFunction[]
  /** String literals, and constant pieces of templates, that have more than one word. */
  texts: { text: string; line: number }[]
  /** Each `a.b` of plain names, such as `process.env`. A chain `a.b.c` is `a.b` and `b.c`. */
  members: string[]
  /** Whether the type `any` is written somewhere. */
  hasAny: boolean
}

interface SourceComment {
  text: string
  /** Line on which the comment begins, from 1. */
  line: number
}

interface SourceFunction {
  /** Name of the function, or of the variable or property that holds it; `a function` without a name. */
  name: string
  line: number
  lines: number
  /** Offset of the function's first character, and its length in characters. */
  start: number
  length: number
  /** Number of declarations with `let`, except in inner functions and in heads such as `for (let i = 0;`. */
  lets: number
  /**
   * Name of the function to which this one is an argument, such as `describe`; undefined when it is not an
   * argument.
   */
  argumentOf: string | undefined
}

export const isCode = (path: string) => /\.(?:ts|tsx|mts|mjs|js)$/.test(path)

export function readSource(path: string, text: string): SourceFile {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  const file: SourceFile = {
    path,
    text,
    lines,
    imports: [],
    comments: [],
    functions: [],
    texts: [],
    members: [],
    hasAny: false,
  }
  if (!isCode(path)) return file
  const { program, module, comments } = parseSync(path, text)
  const lineOf = lineFinder(text)
  file.comments = comments.map(({ value, start }) => ({ text: value, line: lineOf(start) }))
  for (const { moduleRequest } of module.staticImports) file.imports.push(moduleRequest.value)
  for (const { entries } of module.staticExports)
    for (const { moduleRequest } of entries) if (moduleRequest) file.imports.push(moduleRequest.value)
  walk(program, (node, parent) => take(node, parent, file, lineOf))
  return file
}

export type Node = { type: string } & Record<string, unknown>
type LineOf = (offset: number) => number

function take(node: Node, parent: Node | undefined, file: SourceFile, lineOf: LineOf) {
  if (node.type === 'TSAnyKeyword') file.hasAny = true
  if (node.type === 'ImportExpression') addText(node.source, file.imports)
  if (node.type === 'TSImportType') addText(node.source ?? node.argument, file.imports)
  if (node.type === 'CallExpression' && nameOf(node.callee) === 'require')
    addText((node.arguments as unknown[])[0], file.imports)
  if (node.type === 'MemberExpression') {
    const object = nameOf(node.object) ?? (isNode(node.object) ? nameOf(node.object.property) : undefined)
    const property = nameOf(node.property)
    if (object !== undefined && property !== undefined) file.members.push(`${object}.${property}`)
  }
  if (isFunction(node) && node.body) file.functions.push(functionOf(node, parent, lineOf))
  const text = textOf(node)
  if (text !== undefined && /\S\s+\S/.test(text)) file.texts.push({ text, line: lineOf(Number(node.start)) })
}

const isFunction = ({ type }: Node) =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression'

function functionOf(node: Node, parent: Node | undefined, lineOf: LineOf): SourceFunction {
  const [start, end] = [Number(node.start), Number(node.end)]
  const [line, lastLine] = [lineOf(start), lineOf(end)]
  const name = nameOf(node.id) ?? nameOf(parent?.id) ?? nameOf(parent?.key) ?? 'a function'
  const argumentOf = parent?.type === 'CallExpression' ? calleeOf(parent) : undefined
  const lines = lastLine - line + 1
  return { name, line, lines, start, length: end - start, lets: countLets(node.body), argumentOf }
}

/** Returns the first plain name in what is called: `test` for `test.each(table)(…)`. */
function calleeOf({ callee }: Node): string | undefined {
  let at = callee
  while (isNode(at) && at.type !== 'Identifier') at = at.callee ?? at.object ?? at.tag
  return nameOf(at)
}

function countLets(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + countLets(each), 0)
  if (!isNode(value) || isFunction(value)) return 0
  const own = value.type === 'VariableDeclaration' && value.kind === 'let' ? declaredBy(value) : 0
  const children = Object.entries(value).map(([key, child]) =>
    key === 'init' && value.type === 'ForStatement' ? 0 : countLets(child),
  )
  return own + children.reduce((sum, each) => sum + each, 0)
}

const declaredBy = ({ declarations }: Node) => (Array.isArray(declarations) ? declarations.length : 0)

function textOf(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'TemplateElement') return (node.value as { raw: string }).raw
  return undefined
}

/** Returns a function that finds the line of an offset, counted from 1. */
function lineFinder(text: string): LineOf {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Identifier' ? String(node.name) : undefined
}

function addText(node: unknown, to: string[]) {
  if (isNode(node) && node.type === 'Literal' && typeof node.value === 'string') to.push(node.value)
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** Visits every node of a syntax tree, parents first. */
export function walk(value: unknown, visit: (node: Node, parent: Node | undefined) => void, parent?: Node) {
  if (Array.isArray(value)) for (const each of value) walk(each, visit, parent)
  else if (isNode(value)) {
    visit(value, parent)
    for (const each of Object.values(value)) walk(each, visit, value)
  }
}
