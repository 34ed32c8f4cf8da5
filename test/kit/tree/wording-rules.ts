import type { TreeRule } from './boundary-rules.ts'
import { isCode } from './source-file.ts'

/** Maximum width of comments, columns. It is the width of code, too. */
const maxWidth = 110

/** Phrases that are not idiomatic English, each with what to write instead. */
const idioms: readonly (readonly [RegExp, string])[] = [
  [/\b(?:tells?|told|telling)\b/i, 'report, send, say which'],
  [/\bgives?\b(?! up\b)/i, 'return, provide'],
  [/\bso (?:many|much|long)\b/i, 'at most N, for N ms'],
  [/\b(?:who|what|how|which|when)ever (?:many|much|long)\b|\bwhoever\b/i, 'any client, any number of'],
  [/\b(?:nobody|somebody|everybody|anybody)\b/i, 'no client, a viewer, everyone'],
  [/\banew\b/i, 'again'],
  [/\bin the place of\b/i, 'instead of'],
  [/\bto be had\b/i, 'available'],
  [/\b(?:stands?|stood|lies|lay) (?:in|on|at|beside|under|behind|there|here|once)\b/i, 'is'],
  [/\b(?:goes|go|going|went) on\b(?! to\b)/i, 'continue'],
  [
    /(?:^|[.;:]\s+)Of (?:a|an|the|its|those|them|all|several|each|one|media|these)\b/,
    'begin with the subject',
  ],
  [/(?<!\bthere )\bis none\b/i, 'is not a'],
  [/\blooks? (?:whether|for itself|again)\b/i, 'check, poll'],
  [/\bin the moment\b/i, 'when'],
  [/\bby (?:itself|themselves) alone\b/i, 'alone'],
  [/\bfor want of\b/i, 'because there is no'],
  [/\bwithout a (?:word|goodbye)\b/i, 'without notice'],
]

/** Files that quote such phrases. */
const exempt = new Set(['test/kit/tree/wording-rules.ts', 'test/boundaries.test.ts'])

/** Finds idioms of other languages in comments, string literals and documents. */
export const plainEnglish: TreeRule = (files) =>
  files
    .filter(({ path }) => !exempt.has(path))
    .flatMap(({ path, text, comments, texts }) => {
      const passages = path.endsWith('.md') ? linesOf(text) : [...comments, ...texts]
      return passages.flatMap((passage) =>
        idioms.flatMap(([idiom, instead]) => {
          const [found] = idiom.exec(plain(passage.text)) ?? []
          return found === undefined ? [] : [`${path}:${passage.line} "${found.trim()}": ${instead}`]
        }),
      )
    })

/** Finds lines with comments that are wider than `maxWidth`. */
export const commentWidths: TreeRule = (files) =>
  files
    .filter(({ path }) => isCode(path))
    .flatMap(({ path, text: code, comments }) => {
      const lines = code.split('\n')
      return comments.flatMap(({ text, line }) =>
        text.split('\n').flatMap((_, index) => {
          const width = lines[line + index - 1]?.length ?? 0
          return width > maxWidth ? [`${path}:${line + index} is wider than ${maxWidth}`] : []
        }),
      )
    })

const linesOf = (text: string) => text.split('\n').map((line, index) => ({ text: line, line: index + 1 }))

/** Removes what the rules do not apply to: long quotations, names in code, and stars of block comments. */
const plain = (text: string) =>
  text
    .replace(/^\s*\*+ ?/gm, '')
    .replace(/"[^"]{12,}"/gs, '')
    .replace(/`[^`]*`/g, '')
