import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'
import { readSource, type SourceFile } from './source-file.ts'

/** Reads every text file of the project that git tracks or would add. */
export function readTree(): SourceFile[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  })
  return list.split('\0').flatMap((path) => {
    const text = path === '' ? undefined : readText(join(root, path))
    return text === undefined ? [] : [readSource(path, text)]
  })
}

/** Returns the content of a file; undefined when it was deleted or is not text. */
function readText(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
