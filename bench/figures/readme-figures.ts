import { readFileSync, writeFileSync } from 'node:fs'
import { readResult } from './result-file.ts'

/** A row of the README's table of figures, and where its figure is in a result file. */
interface ReadmeFigure {
  figure: string
  /** Name of the result file, without its extension. */
  result: string
  /** First cell of the row in the result file. */
  row: string
  /** Heading of the column of the figure; the second one by default. */
  column?: string
  /** Heading of another column, whose figure is shown in parentheses. */
  compared?: string
  command: string
}

const glassRows = (latency: string): ReadmeFigure[] => {
  const from = { result: `glass-${latency}`, command: `glass ${latency}` }
  return [
    {
      ...from,
      figure: `glass to glass in Chromium, class \`${latency}\`: median`,
      row: 'glass to glass, p50',
    },
    { ...from, figure: 'the same, 95th percentile', row: 'glass to glass, p95' },
    {
      ...from,
      figure: 'the same channel: join time, from opening the page to the first frame',
      row: 'join time',
    },
  ]
}
const edgeRow = (figure: string, row: string): ReadmeFigure => ({
  figure,
  row,
  result: 'edge-vs-nginx',
  compared: 'nginx proxy_cache',
  command: 'edge-vs-nginx',
})

const readmeFigures: readonly ReadmeFigure[] = [
  ...glassRows('low'),
  ...glassRows('ultra'),
  edgeRow(
    'one edge process, cached 1.5 KB playlist, 64 connections: requests/s',
    '1.5 KB playlist, 64 connections: requests a second',
  ),
  edgeRow('the same, 1000 connections: requests/s', '1.5 KB playlist, 1000 connections: requests a second'),
  edgeRow(
    '2000 connections request one new object: requests to the origin',
    '2000 connections, a new object: requests at the origin',
  ),
  {
    figure:
      'largest crowd that origin and edge serve on half a core when nine tenths arrive in 10 s, low latency',
    result: 'spike',
    row: 'knee, viewers',
    column: 'c-edge',
    compared: 'b-nginx',
    command: 'spike',
  },
]

const marks = { start: '<!-- figures:start -->', end: '<!-- figures:end -->' }

/**
 * Updates the table of figures in the README from the files in bench/results.
 *
 * @throws Error when the README lacks the marks
 */
export function updateReadmeFigures(): void {
  const readme = readFileSync('README.md', 'utf8')
  const updated = withFigures(readme, readResult)
  if (updated !== readme) writeFileSync('README.md', updated)
}

/**
 * Replaces the table between the marks in a text. A figure whose result file or row is missing is left out.
 *
 * @throws Error when the text lacks the marks
 */
export function withFigures(readme: string, resultOf: (name: string) => string | undefined): string {
  const [before, after] = [readme.indexOf(marks.start), readme.indexOf(marks.end)]
  if (before < 0 || after < before) throw new Error(`README.md has no ${marks.start} … ${marks.end}`)
  const table = figuresOf(resultOf)
  return `${readme.slice(0, before + marks.start.length)}\n${table}\n${readme.slice(after)}`
}

function figuresOf(resultOf: (name: string) => string | undefined): string {
  const rows: string[] = []
  const machines = new Map<string, string[]>()
  for (const { figure, result, row, column, compared, command } of readmeFigures) {
    const text = resultOf(result)
    const cells = text === undefined ? undefined : cellsOf(text, row)
    if (text === undefined || cells === undefined) continue
    const peer = compared === undefined ? '' : ` (${compared}: ${cells.get(compared) ?? ''})`
    rows.push(
      `| ${figure} | ${column === undefined ? [...cells.values()][1] : cells.get(column)}${peer} | \`npm run bench -- ${command}\` |`,
    )
    const machine = machineOf(text)
    const commands = machines.get(machine) ?? []
    if (!commands.includes(command)) machines.set(machine, [...commands, command])
  }
  const notes = [...machines].map(
    ([machine, commands]) => `- ${commands.map((each) => `\`${each}\``).join(', ')}: ${machine}`,
  )
  return ['| figure | measured | with |', '| --- | --- | --- |', ...rows, '', ...notes].join('\n')
}

/**
 * Returns the cells of the row whose first cell is `row`, by their headings; undefined when there is no such
 * row.
 */
function cellsOf(text: string, row: string): Map<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.startsWith('|'))
  const [headings = [], ...rows] = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const cells = rows.find(([name]) => name === row)
  return cells && new Map(headings.map((heading, index) => [heading, cells[index] ?? '']))
}

/** Returns the machine, the version of Node and the date from the last line of a result. */
const machineOf = (text: string) => text.trimEnd().split('\n').at(-1)?.split(';')[0] ?? ''
