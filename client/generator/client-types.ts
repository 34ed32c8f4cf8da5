/** The part of a JSON schema from which types are made. */
interface Schema {
  title?: string
  description?: string
  type?: string
  enum?: readonly unknown[]
  const?: unknown
  anyOf?: readonly Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: readonly string[]
  additionalProperties?: boolean | Schema
  patternProperties?: Record<string, Schema>
}

interface Content {
  content?: Record<string, { schema?: Schema }>
}

interface Operation {
  summary?: string
  deprecated?: boolean
  parameters?: { in: string; name: string; required?: boolean; description?: string; schema: Schema }[]
  requestBody?: Content & { required?: boolean }
  responses: Record<string, Content>
}

/** The part of an OpenAPI 3.1 document that describes calls. */
export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>
}

const jsonType = 'application/json'
/** Maximum width of a comment, columns. */
const maxWidth = 100
const plainName = /^[A-Za-z_$][\w$]*$/

/**
 * Returns a TypeScript module with the type `Operations`, which describes each call of a document by its
 * method and path, and with a type for each schema that has a title.
 */
export function clientTypes({ paths }: ApiDocument): string {
  const named = new Map<string, string>()
  const calls = Object.entries(paths)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => {
        const name = `${method.toUpperCase()} ${path}`
        return `${comment(summaryOf(operation), 1)}  '${name}': ${operationType(operation, named)}\n`
      }),
    )
  const types = [...named].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return [
    '// Made from the OpenAPI document by client/generator/main.ts. Do not edit.\n',
    '/** The calls of the API, by method and path. */',
    `export interface Operations {\n${calls.join('\n')}}\n`,
    ...types.map(([name, type]) => `export type ${name} = ${type}\n`),
  ].join('\n')
}

const summaryOf = ({ summary = '', deprecated }: Operation) =>
  deprecated ? `${summary}\n@deprecated` : summary

function operationType(operation: Operation, named: Map<string, string>): string {
  const { parameters = [], requestBody, responses } = operation
  const placed = (place: string, indent: number) => {
    const own = parameters.filter((parameter) => parameter.in === place)
    const fields = own.map(({ name, required = false, description = '', schema }) => {
      return { name, required, schema: { ...schema, description } }
    })
    return objectType(fields, named, indent)
  }
  const has = (place: string, name?: string) =>
    parameters.some((each) => each.in === place && (name === undefined || each.name === name))
  const isNeeded = (place: string) => parameters.some((each) => each.in === place && each.required)
  const bodyMark = requestBody?.required === false ? '?' : ''
  const lines = [
    ...(has('path') ? [`path: ${placed('path', 2)}`] : []),
    ...(has('query') ? [`query${isNeeded('query') ? '' : '?'}: ${placed('query', 2)}`] : []),
    ...(has('header', 'if-match') ? ['ifMatch?: string'] : []),
    ...(requestBody === undefined ? [] : [`body${bodyMark}: ${contentType(requestBody, named)}`]),
    `response: ${responseType(responses, named)}`,
  ]
  return `{\n${lines.map((line) => `    ${line}\n`).join('')}  }`
}

function responseType(responses: Record<string, Content>, named: Map<string, string>): string {
  const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  return union(successes.map(([, response]) => contentType(response, named)))
}

/** Returns the type of a body: that of its schema if it is JSON, otherwise `Blob`. */
function contentType({ content = {} }: Content, named: Map<string, string>): string {
  const json = content[jsonType]?.schema
  if (json !== undefined) return json.type === 'null' ? 'undefined' : typeOf(json, named, 2)
  return Object.keys(content).length === 0 ? 'undefined' : 'Blob'
}

/** Returns the type of a schema. One with a title becomes a type of that name in `named`. */
function typeOf(schema: Schema, named: Map<string, string>, indent: number): string {
  const { title, ...rest } = schema
  if (title === undefined || !plainName.test(title)) return plainType(schema, named, indent)
  const type = plainType(rest, named, 0)
  const known = named.get(title)
  if (known !== undefined && known !== type) throw new Error(`Two schemas have the title ${title}`)
  named.set(title, type)
  return title
}

function plainType(schema: Schema, named: Map<string, string>, indent: number): string {
  if (schema.anyOf !== undefined) return union(schema.anyOf.map((each) => typeOf(each, named, indent)))
  if (schema.enum !== undefined) return union(schema.enum.map(literal))
  if ('const' in schema) return literal(schema.const)
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type
    case 'number':
    case 'integer':
      return 'number'
    case 'array':
      return `readonly ${bracketed(schema.items === undefined ? 'unknown' : typeOf(schema.items, named, indent))}[]`
    case 'object':
      return structureType(schema, named, indent)
    default:
      return 'unknown'
  }
}

function structureType(schema: Schema, named: Map<string, string>, indent: number): string {
  const { properties, required = [], patternProperties = {}, additionalProperties } = schema
  if (properties !== undefined)
    return objectType(
      Object.entries(properties).map(([name, schema]) => ({
        name,
        schema,
        required: required.includes(name),
      })),
      named,
      indent,
    )
  const rest = typeof additionalProperties === 'object' ? [additionalProperties] : []
  const values = [...Object.values(patternProperties), ...rest].map((each) => typeOf(each, named, indent))
  return `Record<string, ${values.length === 0 ? 'unknown' : union(values)}>`
}

interface Field {
  name: string
  schema: Schema
  required?: boolean
}

function objectType(fields: readonly Field[], named: Map<string, string>, indent: number): string {
  const lines = fields.map(({ name, schema, required }) => {
    const key = plainName.test(name) ? name : JSON.stringify(name)
    const type = typeOf(schema, named, indent + 1)
    return `${comment(schema.description ?? '', indent + 1)}${pad(indent + 1)}${key}${required ? '' : '?'}: ${type}\n`
  })
  return `{\n${lines.join('')}${pad(indent)}}`
}

const pad = (indent: number) => '  '.repeat(indent)
const union = (types: readonly string[]) => [...new Set(types)].join(' | ') || 'undefined'
const bracketed = (type: string) => (type.includes(' | ') ? `(${type})` : type)

/** Returns the type of a constant, in single quotes as in the code of the project. */
const literal = (value: unknown) =>
  typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'")}'`
    : JSON.stringify(value)

/** Returns a comment with line breaks at `maxWidth`; nothing for an empty text. */
function comment(text: string, indent: number): string {
  if (text === '') return ''
  const lines = text
    .split('\n')
    .flatMap((line) => wrapped(line.replaceAll('*/', '* /'), maxWidth - 2 * indent))
  const [only = ''] = lines
  if (lines.length === 1) return `${pad(indent)}/** ${only} */\n`
  return [
    `${pad(indent)}/**\n`,
    ...lines.map((line) => `${pad(indent)} * ${line}\n`),
    `${pad(indent)} */\n`,
  ].join('')
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
