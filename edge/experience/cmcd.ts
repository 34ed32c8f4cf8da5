import type { IncomingHttpHeaders } from 'node:http'
import { CmcdParser } from './cmcd-parser.ts'
import { clearReport, newReport, type PlayerReport } from './player-report.ts'

/** Maximum length of a CMCD parameter or header field, characters. A longer one is ignored. */
const maxTextLength = 2048

const parameter = 'CMCD='
const headerNames = ['cmcd-object', 'cmcd-request', 'cmcd-session', 'cmcd-status'] as const

/** Returns the position of `CMCD=` after `?` or `&` in a request target; -1 when there is none. */
export function findCmcd(target: string): number {
  for (let at = target.indexOf(parameter); at >= 0; at = target.indexOf(parameter, at + 1)) {
    const before = target[at - 1]
    if (before === '?' || before === '&') return at
  }
  return -1
}

/** Removes the CMCD parameter from a target. Otherwise each report would make another cache key. */
export function withoutCmcd(target: string): string {
  const at = findCmcd(target)
  if (at < 0) return target
  const end = target.indexOf('&', at)
  return end < 0 ? target.slice(0, at - 1) : target.slice(0, at) + target.slice(end + 1)
}

/** Creates a reader of player reports. All calls return the same object, which each call overwrites. */
export function createCmcdReader() {
  const report = newReport()
  const parser = new CmcdParser(report)
  return {
    /** Reads the report in the query of a target. `start`: result of `findCmcd` for it. */
    ofTarget(target: string, start: number): PlayerReport {
      clearReport(report)
      const end = target.indexOf('&', start)
      const length = (end < 0 ? target.length : end) - start
      if (length <= maxTextLength)
        parser.parse(decoded(target.slice(start + parameter.length, start + length)))
      return report
    },

    /** Reads the report in the `CMCD-*` header fields; undefined when there are none of acceptable length. */
    ofHeaders(headers: IncomingHttpHeaders): PlayerReport | undefined {
      let found: PlayerReport | undefined
      for (const name of headerNames) {
        const field = headers[name]
        if (typeof field !== 'string' || field.length > maxTextLength) continue
        if (found === undefined) clearReport(report)
        found = report
        parser.parse(field)
      }
      return found
    },
  }
}

/** Decodes percent-encoding. Returns an empty text when that is malformed. */
function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
