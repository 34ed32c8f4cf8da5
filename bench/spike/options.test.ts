import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('without options the whole campaign runs with curve idol', () => {
  expect(readOptions([])).toMatchObject({ quick: false, curve: 'idol', seed: 1, coreShare: 0.5 })
})

test('options are read', () => {
  const args = [
    '--quick',
    '--curve',
    'own.csv',
    '--architectures',
    'a,c',
    '--seed',
    '7',
    '--max',
    '500',
    '--core-share',
    '1',
    '--crowd',
    '80',
  ]
  expect(readOptions([...args, '--out', 'there'])).toEqual({
    quick: true,
    curve: 'own.csv',
    architectures: ['a', 'c'],
    seed: 7,
    max: 500,
    coreShare: 1,
    crowd: 80,
    out: 'there',
    from: undefined,
  })
})

test.each([[['--fast']], [['--seed', '0']], [['--max', 'many']], [['--core-share', '2']], [['quick']]])(
  '%j is refused',
  (args) => {
    expect(() => readOptions(args)).toThrow()
  },
)
