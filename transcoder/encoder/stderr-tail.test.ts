import { expect, test } from 'vitest'
import { createStderrTail, parseStderrLine } from './stderr-tail.ts'

test.each([
  ['[h264 @ 0x5600aa] [error] error while decoding MB 1 2', 'warn', '[h264] error while decoding MB 1 2'],
  ['[fatal] Unrecognized option', 'error', 'Unrecognized option'],
  ['[flv @ 0x55d0] [warning] Stream #0: not enough frames', 'debug', '[flv] Stream #0: not enough frames'],
  ['a line without a level', 'debug', 'a line without a level'],
])('%s', (line, level, text) => {
  expect(parseStderrLine(line)).toEqual({ level, text })
})

test('keeps the last lines for the reason of a failure', () => {
  const seen: string[] = []
  const tail = createStderrTail(({ text }) => seen.push(text))
  for (let n = 1; n <= 20; n++) tail.write(Buffer.from(`[error] line ${n}\n`))
  tail.write(Buffer.from('[error] cut '))
  tail.write(Buffer.from('in two'))
  expect(seen).toHaveLength(20)
  expect(tail.last()).toBe('line 14 | line 15 | line 16 | line 17 | line 18 | line 19 | line 20 | cut in two')
  expect(seen.at(-1)).toBe('cut in two')
})

test('an endless line is bounded', () => {
  const tail = createStderrTail(() => {})
  for (let n = 0; n < 100; n++) tail.write(Buffer.from('x'.repeat(10_000)))
  expect(tail.last().length).toBeLessThanOrEqual(500)
})
