import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clientTypes } from './client-types.ts'
import { readApiDocument } from './main.ts'

test('the types of the client are those of the API; otherwise run client/generator/main.ts', async () => {
  const committed = readFileSync(join(import.meta.dirname, '../src/generated.ts'), 'utf8')
  expect(clientTypes(await readApiDocument())).toBe(committed)
})

const json = (schema: object) => ({ content: { 'application/json': { schema } } })

test('a call has what its parameters, its body and its successes are', () => {
  const types = clientTypes({
    paths: {
      '/things/{id}': {
        put: {
          summary: 'Set a thing',
          deprecated: true,
          parameters: [
            { in: 'path', name: 'id', required: true, schema: { type: 'string' } },
            { in: 'query', name: 'at-once', description: 'now', schema: { type: 'boolean' } },
            { in: 'header', name: 'if-match', schema: { type: 'string' } },
          ],
          requestBody: { content: { 'image/png': {} } },
          responses: { 200: json({ title: 'Thing', type: 'string' }), 204: json({ type: 'null' }), 404: {} },
        },
      },
      '/a': {
        get: { responses: { 200: json({ type: 'array', items: { title: 'Thing', type: 'string' } }) } },
      },
    },
  })
  expect(types.split('\n').slice(2).join('\n')).toBe(`/** The calls of the API, by method and path. */
export interface Operations {
  'GET /a': {
    response: readonly Thing[]
  }

  /**
   * Set a thing
   * @deprecated
   */
  'PUT /things/{id}': {
    path: {
      id: string
    }
    query?: {
      /** now */
      "at-once"?: boolean
    }
    ifMatch?: string
    body: Blob
    response: Thing | undefined
  }
}

export type Thing = string
`)
})

test.each([
  [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'number | null'],
  [{ enum: ["it's", 1, null] }, "'it\\'s' | 1 | null"],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, "readonly ('a' | 'b')[]"],
  [{ type: 'object', patternProperties: { '^.*$': { type: 'integer' } } }, 'Record<string, number>'],
  [{ type: 'object', additionalProperties: false }, 'Record<string, unknown>'],
  [{}, 'unknown'],
])('the type of %j', (schema, type) => {
  const types = clientTypes({ paths: { '/a': { get: { responses: { 200: json(schema) } } } } })
  expect(types).toContain(`response: ${type}\n`)
})

test('two schemas with one title are refused', () => {
  const responses = { 200: json({ title: 'A', type: 'string' }), 201: json({ title: 'A', type: 'number' }) }
  expect(() => clientTypes({ paths: { '/a': { get: { responses } } } })).toThrow('the title A')
})
