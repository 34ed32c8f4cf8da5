import { describe, expect, test } from 'vitest'
import * as rules from './kit/tree/boundary-rules.ts'
import * as circles from './kit/tree/circle-rules.ts'
import * as sizes from './kit/tree/size-rules.ts'
import { readSource } from './kit/tree/source-file.ts'
import { readTree } from './kit/tree/source-tree.ts'
import * as tests from './kit/tree/test-rules.ts'
import * as wording from './kit/tree/wording-rules.ts'

const tree = readTree()

describe('the tree', () => {
  test('is read', () => {
    expect(tree.map(({ path }) => path)).toContain('core/process/role.ts')
    expect(tree.find(({ path }) => path === 'core/process/role.ts')?.imports).toContain('./errors.ts')
  })

  test.each([
    ['a role imports itself, core and packages; core imports no role', rules.imports],
    ['a wrapped library is imported by one file per role', rules.adapters],
    ['the environment is read by settings only', rules.environment],
    ['a process is ended by its main.ts only', rules.exits],
    ['no file exceeds the maximum length', sizes.fileSizes],
    ['no function is too long or changes too many variables', sizes.functionSizes],
    ['no folder is crowded', sizes.folderSizes],
    ['few small files have only one importer', sizes.fragments],
    ['no files import each other in a circle', circles.fileCircles],
    ['no folders of a role import each other in a circle', circles.folderCircles],
    ['comments are as wide as code at most', wording.commentWidths],
    ['comments, texts and documents are plain English', wording.plainEnglish],
    ['no test is left out or runs alone', tests.wholeTests],
    ['tests have one form', tests.testForms],
    ['no notes for later, marks of a merge, type any, or suppressed type errors', rules.unfinished],
    ['no path of one machine and no package mirror is in a file', rules.portable],
  ])('%s', (_, rule) => {
    expect(rule(tree)).toEqual([])
  })
})

describe('each rule finds violations', () => {
  const file = (path: string, text: string) => readSource(path, text)
  const marker = ['TO', 'DO'].join('')

  test.each([
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

  test('imports of the role itself, core and packages are allowed, and mentions in comments and texts', () => {
    const text = `
      import { a } from './b.ts'
      import { c } from '../core/c.ts'
      import { d } from 'd'
      // import { e } from '../transcoder/e.ts'
      const f = "import '../transcoder/f.ts'"`
    expect(rules.imports([file('ingest/a.ts', text)])).toEqual([])
  })

  test('a second file with a wrapped library', () => {
    const one = file('manager/a.ts', "import pg from 'pg'")
    const two = file('manager/b.ts', "import type { Pool } from 'pg'")
    const other = file('ingest/c.ts', "import { Queue } from 'bullmq'")
    expect(rules.adapters([one, other])).toEqual([])
    expect(rules.adapters([one, two, other])).toEqual(['pg is imported by manager/a.ts and manager/b.ts'])
  })

  test('a stray process.env or process.exit', () => {
    const text = 'const a = process.env.A\nprocess.exit(1)'
    expect(rules.environment([file('edge/a.ts', text)])).toHaveLength(1)
    expect(rules.environment([file('edge/settings.ts', text)])).toEqual([])
    expect(rules.exits([file('edge/a.ts', text)])).toHaveLength(1)
    expect(rules.exits([file('edge/main.ts', text)])).toEqual([])
  })

  test('a file that is too long', () => {
    expect(sizes.fileSizes([file('edge/a.ts', '\n'.repeat(250))])).toEqual([])
    expect(sizes.fileSizes([file('edge/a.ts', '\n'.repeat(251))])).toHaveLength(1)
    expect(sizes.fileSizes([file('player/a.css', '\n'.repeat(251))])).toHaveLength(1)
    expect(sizes.fileSizes([file('docs/a.md', '\n'.repeat(251))])).toEqual([])
  })

  test('tests that do not run, notes for later, and any', () => {
    expect(
      tests.wholeTests([file('a.test.ts', "it.skip('a', () => {}); describe.only('b', () => {})")]),
    ).toHaveLength(2)
    expect(
      tests.wholeTests([
        file('a.test.ts', "test.runIf(isRoot)('a', () => {}); describe.skipIf(!postgres)('b', () => {})"),
        file(
          'b.test.ts',
          "suite.todo('c'); test.concurrent.skip('d', () => {}); test.each([1])('e', () => {})",
        ),
      ]),
    ).toEqual([
      'a.test.ts has test.runIf',
      'a.test.ts has describe.skipIf',
      'b.test.ts has suite.todo',
      'b.test.ts has concurrent.skip',
    ])
    const files = [
      file('a.ts', `// ${marker}: more`),
      file('b.ts', 'let a: any'),
      file('c.md', `a\n${'<'.repeat(7)} b`),
    ]
    expect(rules.unfinished(files)).toHaveLength(3)
  })

  test('tests that are declared with it, and groups in groups', () => {
    const forms = (path: string, text: string) => tests.testForms([file(path, text)])
    expect(forms('a.test.ts', "it('a', () => {})\nit.each([1])('b', () => {})")).toEqual([
      'a.test.ts:1 calls it instead of test',
      'a.test.ts:2 calls it instead of test',
    ])
    expect(
      forms(
        'a.test.ts',
        "describe('a', () => {\n  describe.each([1])('b', () => {})\n})\ndescribe('c', () => {})",
      ),
    ).toEqual(['a.test.ts:2 has a describe in a describe'])
    expect(forms('a.test.ts', "describe('a', () => { test('it', () => {}) })")).toEqual([])
    expect(forms('a.ts', "it('is no test', () => {})")).toEqual([])
  })

  test('paths and package mirrors of one machine', () => {
    const paths = ['home', 'Users'].map((name) => `see /${name}/me/nowcast`)
    const mirror = `"resolved": "https://${'registry'}.example.com/a.tgz"`
    expect(
      rules.portable([file('README.md', [...paths, mirror, 'see https://example.com/home/a'].join('\n'))]),
    ).toHaveLength(3)
  })

  test('files that import each other directly, by type, or through others', () => {
    const one = file('edge/a.ts', "import type { B } from './b.ts'")
    const two = file('edge/b.ts', "import { c } from './c.ts'")
    const three = file('edge/c.ts', "export { a } from './a.ts'")
    expect(circles.fileCircles([one, two, file('edge/c.ts', '')])).toEqual([])
    expect(circles.fileCircles([one, two, three])).toEqual([
      'circle of files: edge/a.ts, edge/b.ts, edge/c.ts',
    ])
  })

  test('folders of a role that import each other, also a folder and its parent', () => {
    const files = [
      file('edge/http/a.ts', "import { b } from './tls/b.ts'"),
      file('edge/http/tls/b.ts', "import { c } from '../c.ts'"),
      file('edge/http/c.ts', ''),
    ]
    const ofTests = [file('edge/http/a.test.ts', "import { b } from '../objects/b.ts'")]
    expect(circles.fileCircles(files)).toEqual([])
    expect(circles.folderCircles(files)).toEqual(['circle of folders: edge/http, edge/http/tls'])
    expect(circles.folderCircles([...ofTests, file('edge/objects/b.ts', "import '../http/a.ts'")])).toEqual(
      [],
    )
  })

  test('long functions and many variables that change, except blocks of tests', () => {
    const long = '\n'.repeat(80)
    const lets = (count: number) => Array.from({ length: count }, (_, n) => `let a${n} = 0`).join('\n')
    expect(sizes.functionSizes([file('edge/a.ts', `function f() {${long}}`)])).toEqual([
      'edge/a.ts:1 f has 81 lines, 80 are allowed',
    ])
    expect(sizes.functionSizes([file('edge/a.ts', `const f = () => {${long}}`)])).toHaveLength(1)
    expect(sizes.functionSizes([file('edge/a.ts', `const o = { f() {${long}} }`)])).toHaveLength(1)
    expect(sizes.functionSizes([file('edge/a.test.ts', `describe.each([1])('a', () => {${long}})`)])).toEqual(
      [],
    )
    expect(sizes.functionSizes([file('edge/a.ts', `function f() { ${lets(6)} }`)])).toHaveLength(1)
    const inner = `for (let i = 0; i < 9; i++) { const g = () => { let b = 0 } }`
    expect(sizes.functionSizes([file('edge/a.ts', `function f() { ${lets(5)}\n${inner} }`)])).toEqual([])
  })

  test('crowded folders, and small files with one importer', () => {
    const many = (folder: string, count: number) =>
      Array.from({ length: count }, (_, n) => file(`${folder}/f${n}.ts`, ''))
    expect(sizes.folderSizes([...many('edge', 8), ...many('edge/http', 20)])).toEqual([])
    expect(sizes.folderSizes([...many('edge', 9), ...many('edge/http', 21)])).toHaveLength(2)
    const importer = file(
      'edge/http/a.ts',
      many('edge', 13)
        .map((_, n) => `import './f${n}.ts'`)
        .join('\n'),
    )
    expect(sizes.fragments([importer, ...many('edge/http', 12)])).toEqual([])
    expect(sizes.fragments([importer, ...many('edge/http', 13)])).toHaveLength(13)
  })

  test('idioms in comments, texts and documents, but not in code, names or quotations', () => {
    const found = (path: string, text: string) => wording.plainEnglish([file(path, text)])
    expect(found('a.ts', '// it tells the edge')).toEqual(['a.ts:1 "tells": report, send, say which'])
    expect(found('a.ts', "const a = 'a wait of so many ms'")).toHaveLength(1)
    expect(found('a.md', 'one\n\nOf the edges one is chosen')).toEqual([
      'a.md:3 "Of the": begin with the subject',
    ])
    expect(found('a.ts', '// the name `tell`\nconst tell = 1 // "a Server MUST tell the Client so"')).toEqual(
      [],
    )
  })

  test('comments wider than code', () => {
    expect(wording.commentWidths([file('a.ts', `// ${'x'.repeat(107)}`)])).toEqual([])
    expect(wording.commentWidths([file('a.ts', `// ${'x'.repeat(108)}`)])).toHaveLength(1)
    const indented = `function f() {\n  // ${'x'.repeat(106)}\n}`
    expect(wording.commentWidths([file('a.ts', indented)])).toEqual(['a.ts:2 is wider than 110'])
    expect(wording.commentWidths([file('a.ts', `/**\n * ${'x'.repeat(108)}\n */`)])).toEqual([
      'a.ts:2 is wider than 110',
    ])
  })
})
