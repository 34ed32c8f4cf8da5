import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { createJsonOutput, createTerminalOutput } from './log-output.ts'

const line = '{"level":"info","time":"2026-01-02T03:04:05.678Z","role":"edge","slug":"demo","msg":"ready"}'

test('JSON lines are passed on unchanged and other lines are wrapped', () => {
  const stream = new PassThrough()
  const output = createJsonOutput(stream)
  output('edge', line)
  output('edge', 'Segmentation fault')
  const [first, second] = String(stream.read()).trim().split('\n')
  expect(first).toBe(line)
  expect(JSON.parse(second ?? '')).toMatchObject({ level: 'warn', role: 'edge', msg: 'Segmentation fault' })
})

test('a terminal shows role, level, message and fields', async () => {
  const stream = new PassThrough()
  const output = await createTerminalOutput(stream)
  output('edge', line)
  output('transcoder', 'not JSON')
  output('transcoder', '{not JSON either}')
  const shown = stripVTControlCharacters(String(stream.read()))
  expect(shown).toMatch(/INFO.*edge +ready.*"slug":"demo"/)
  expect(shown).toMatch(/WARN.*transcoder not JSON\n/)
  expect(shown).toMatch(/\{not JSON either\}/)
})
