import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { figuresJson, readFigures, takeFigureFile, writeFigures } from '../figures/figure-file.ts'
import { repeated } from '../figures/table.ts'
import { compare } from './compare.ts'

/** Figures of two runs of the suite `tokens` with the same code, on a machine that was busy. */
const [before, after] = ['before', 'after'].map((when) =>
  join(import.meta.dirname, 'recorded', `tokens-${when}.json`),
) as [string, string]

const temporary = (): string => {
  const { path, remove } = makeTempDir()
  onTestFinished(remove)
  return path
}

/** Returns the path of a copy of recorded figures whose values are changed. */
function changed(path: string, factor: number): string {
  const figures = readFigures(path).figures.map(({ repeats = [], ...figure }) => ({
    ...figure,
    value: figure.value * factor,
    repeats: repeats.map((each) => each * factor),
  }))
  const copy = join(temporary(), 'copy.json')
  writeFileSync(copy, figuresJson({ suite: 'tokens', conditions: '', figures }))
  return copy
}

test('two runs of the same code are the same within their noise', () => {
  const { text, isWorse } = compare([before, after])
  expect(isWorse).toBe(false)
  expect(text).toContain('7 figures: 7 within noise.')
})

test('what became ten times as slow is worse, and comes first', () => {
  const { text, isWorse } = compare([after, changed(after, 10)])
  expect(isWorse).toBe(true)
  expect(text.split('\n').find((line) => line.includes('10.000'))).toMatch(/WORSE \|$/)
})

test('what became ten times as fast is not worse', () => {
  expect(compare([changed(after, 10), after]).isWorse).toBe(false)
})

test('figures survive the file, also those that never happened', () => {
  const file = join(temporary(), 'figures.json')
  const figures = [
    repeated('join', 'ms', [300, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], { better: 'lower' }),
    { name: 'stalls', unit: '', value: 0, atMost: 0 },
  ]
  writeFigures(file, 'some', { text: '', figures, conditions: 'quiet' })
  expect(readFigures(file)).toMatchObject({ suite: 'some', conditions: 'quiet', figures })
})

test('files that are no figures, and figures of different suites, are refused', () => {
  const folder = temporary()
  const other = join(folder, 'other.json')
  writeFileSync(other, readFileSync(before, 'utf8').replace('"tokens"', '"part"'))
  expect(() => compare([before, other])).toThrow('these are figures of tokens and of part')
  writeFileSync(other, '{"figures": [{"name": "x"}]}')
  expect(() => compare([before, other])).toThrow('cannot read figures from')
  expect(() => compare([before, join(folder, 'none.json')])).toThrow('cannot read figures from')
  expect(() => compare([before])).toThrow('compare needs two files')
})

test('the option for a file of figures is not an argument of the suite', () => {
  expect(takeFigureFile(['5', '--figures', 'a.json', '60'])).toEqual({ file: 'a.json', rest: ['5', '60'] })
  expect(takeFigureFile(['5'])).toEqual({ file: undefined, rest: ['5'] })
  expect(() => takeFigureFile(['--figures'])).toThrow('needs the path of a file')
})

test('a suite without figures as data cannot keep them', () => {
  expect(() => writeFigures(join(temporary(), 'x.json'), 'some', 'text')).toThrow('no figures as data')
})
