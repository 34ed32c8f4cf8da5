import type { IncomingHttpHeaders } from 'node:http'
import { CmcdParser } from './cmcd-parser.ts'
import { clearReport, newReport, type PlayerReport } from './player-report.ts'

/** Maximum length of CMCD data that is read, characters. */
const maxTextLength = 2048

const parameter = 'CMCD='
const headerNames = ['cmcd-object', 'cmcd-request', 'cmcd-session', 'cmcd-status'] as const

/** Finds the CMCD parameter in a request target, after `?` or `&`; -1 when there is none. */
export function findCmcd(target: string): number {
  const at = target.indexOf(parameter)
  if (at <= 0) return -1
  const before = target[at - 1]
  return before === '?' || before === '&' ? at : -1
}

/** Removes the parameter from a target: what a player reports must not affect which object it gets. */
export function withoutCmcd(target: string): string {
  const at = findCmcd(target)
  if (at < 0) return target
  const end = target.indexOf('&', at)
  return end < 0 ? target.slice(0, at - 1) : target.slice(0, at) + target.slice(end + 1)
}

/** Reads what players report with their requests. Every report is the same object, to save allocations. */
export function createCmcdReader() {
  const report = newReport()
  const parser = new CmcdParser(report)
  return {
    /** Reads the parameter at `start` (from `findCmcd`) of a request target. */
    ofTarget(target: string, start: number): PlayerReport {
      clearReport(report)
      const end = target.indexOf('&', start)
      const length = (end < 0 ? target.length : end) - start
      if (length <= maxTextLength)
        parser.parse(decoded(target.slice(start + parameter.length, start + length)))
      return report
    },

    /** Reads the header fields; undefined when there are none. */
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

/** Decodes percent-encoding. Returns an empty text when it is malformed. */
function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
