import { parseSync } from 'vite'

/** A text file of the project, with what the rules of the tree look at. */
export interface SourceFile {
  /** Relative to the root, with slashes. */
  path: string
  text: string
  lines: number
  /** Modules that it imports or exports from, static and dynamic. */
  imports: string[]
  comments: string[]
  /** Each `a.b` of plain names, such as `process.env`. */
  members: string[]
  /** Whether the type `any` is written somewhere. */
  hasAny: boolean
}

export const isCode = (path: string) => /\.(?:ts|tsx|mts|mjs|js)$/.test(path)

export function readSource(path: string, text: string): SourceFile {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  const file: SourceFile = { path, text, lines, imports: [], comments: [], members: [], hasAny: false }
  if (!isCode(path)) return file
  const { program, module, comments } = parseSync(path, text)
  file.comments = comments.map(({ value }) => value)
  for (const { moduleRequest } of module.staticImports) file.imports.push(moduleRequest.value)
  for (const { entries } of module.staticExports)
    for (const { moduleRequest } of entries) if (moduleRequest) file.imports.push(moduleRequest.value)
  walk(program, (node) => take(node, file))
  return file
}

export type Node = { type: string } & Record<string, unknown>

function take(node: Node, file: SourceFile) {
  if (node.type === 'TSAnyKeyword') file.hasAny = true
  if (node.type === 'ImportExpression') addText(node.source, file.imports)
  if (node.type === 'TSImportType') addText(node.source ?? node.argument, file.imports)
  if (node.type === 'CallExpression' && nameOf(node.callee) === 'require')
    addText((node.arguments as unknown[])[0], file.imports)
  if (node.type === 'MemberExpression') {
    const [object, property] = [nameOf(node.object), nameOf(node.property)]
    if (object !== undefined && property !== undefined) file.members.push(`${object}.${property}`)
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

export function walk(value: unknown, visit: (node: Node) => void) {
  if (Array.isArray(value)) for (const each of value) walk(each, visit)
  else if (isNode(value)) {
    visit(value)
    for (const each of Object.values(value)) walk(each, visit)
  }
}
