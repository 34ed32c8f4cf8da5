import { describe, expect, it } from 'vitest'
import { readSource } from './kit/source-file.ts'
import { readTree } from './kit/source-tree.ts'
import * as rules from './kit/tree-rules.ts'

const tree = readTree()

describe('the tree', () => {
  it('is read', () => {
    expect(tree.map(({ path }) => path)).toContain('core/process/role.ts')
    expect(tree.find(({ path }) => path === 'core/process/role.ts')?.imports).toContain('./errors.ts')
  })

  it.each([
    ['a role imports itself, core and packages; core imports nobody', rules.imports],
    ['a library that may have to go stands in one file per role', rules.adapters],
    ['the environment is read by settings alone', rules.environment],
    ['a process is ended by its main.ts alone', rules.exits],
    ['no file is longer than one can read', rules.sizes],
    ['no test is left out or runs alone', rules.wholeTests],
    ['nothing is left for later, and no type is waved through', rules.unfinished],
    ['no path of a machine and no package mirror is written down', rules.portable],
  ])('%s', (_, rule) => {
    expect(rule(tree)).toEqual([])
  })
})

describe('each rule finds what breaks it', () => {
  const file = (path: string, text: string) => readSource(path, text)
  const marker = ['TO', 'DO'].join('')

  it.each([
    ['static import', "import { a } from '../transcoder/a.ts'"],
    ['import of a type', "import type { A } from '../transcoder/a.ts'"],
    ['import over several lines', "import {\n  a,\n} from '../transcoder/a.ts'"],
    ['re-export', "export * from '../transcoder/a.ts'"],
    ['dynamic import', "await import('../transcoder/a.ts')"],
    ['require', "require('../transcoder/a.ts')"],
    ['import in a type', "type A = import('../transcoder/a.ts').A"],
  ])('%s of another role', (_, text) => {
    expect(rules.imports([file('ingest/a.ts', text)])).toEqual(['ingest/a.ts imports from transcoder/'])
  })

  it('allows itself, core, packages, and mentions in comments and texts', () => {
    const text = `
      import { a } from './b.ts'
      import { c } from '../core/c.ts'
      import { d } from 'd'
      // import { e } from '../transcoder/e.ts'
      const f = "import '../transcoder/f.ts'"`
    expect(rules.imports([file('ingest/a.ts', text)])).toEqual([])
  })

  it('a second file with a wrapped library', () => {
    const one = file('manager/a.ts', "import pg from 'pg'")
    const two = file('manager/b.ts', "import type { Pool } from 'pg'")
    const other = file('ingest/c.ts', "import { Queue } from 'bullmq'")
    expect(rules.adapters([one, other])).toEqual([])
    expect(rules.adapters([one, two, other])).toEqual(['pg is imported by manager/a.ts and manager/b.ts'])
  })

  it('a stray process.env or process.exit', () => {
    const text = 'const a = process.env.A\nprocess.exit(1)'
    expect(rules.environment([file('edge/a.ts', text)])).toHaveLength(1)
    expect(rules.environment([file('edge/settings.ts', text)])).toEqual([])
    expect(rules.exits([file('edge/a.ts', text)])).toHaveLength(1)
    expect(rules.exits([file('edge/main.ts', text)])).toEqual([])
  })

  it('a file that grew too long', () => {
    expect(rules.sizes([file('edge/a.ts', '\n'.repeat(250))])).toEqual([])
    expect(rules.sizes([file('edge/a.ts', '\n'.repeat(251))])).toHaveLength(1)
  })

  it('tests that do not run, notes for later, and any', () => {
    expect(
      rules.wholeTests([file('a.test.ts', "it.skip('a', () => {}); describe.only('b', () => {})")]),
    ).toHaveLength(2)
    expect(rules.unfinished([file('a.ts', `// ${marker}: more`), file('b.ts', 'let a: any')])).toHaveLength(2)
  })

  it('what belongs to one machine', () => {
    const paths = ['home', 'Users'].map((name) => `see /${name}/me/nowcast`)
    const mirror = `"resolved": "https://${'registry'}.example.com/a.tgz"`
    expect(
      rules.portable([file('README.md', [...paths, mirror, 'see https://example.com/home/a'].join('\n'))]),
    ).toHaveLength(3)
  })
})
