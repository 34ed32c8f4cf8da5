import type { IssueView } from '../../core/api/health.ts'
import { element } from '../shared/element.ts'
import { lengthText, type Words } from './words.ts'

/** Sets a text only if it differs, so that screen readers and selections are not disturbed. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

/**
 * Creates a list of issues in `place`. Each issue keeps its element while it is present; only its texts
 * change.
 */
export function createIssueList(place: HTMLElement, words: Words) {
  const shown = new Map<string, ReturnType<typeof createItem>>()
  return (issues: readonly IssueView[]): void => {
    const codes = new Set<string>(issues.map(({ code }) => code))
    for (const [code, item] of shown) {
      if (codes.has(code)) continue
      item.node.remove()
      shown.delete(code)
    }
    for (const [index, issue] of issues.entries()) {
      const item = shown.get(issue.code) ?? createItem(words)
      shown.set(issue.code, item)
      item.update(issue)
      if (place.children[index] !== item.node) place.insertBefore(item.node, place.children[index] ?? null)
    }
  }
}

function createItem(words: Words) {
  const severity = element('span', { class: 'badge' })
  const time = element('span', { class: 'time' })
  const problem = element('h3')
  const effect = element('dd')
  const fix = element('dd')
  const node = element(
    'li',
    { class: 'issue' },
    element('p', { class: 'issue-head' }, severity, time),
    problem,
    element(
      'dl',
      {},
      element('div', {}, element('dt', { text: words.viewersNotice }), effect),
      element('div', { class: 'fix' }, element('dt', { text: words.toChange }), fix),
    ),
  )
  return {
    node,
    update(issue: IssueView): void {
      const { since, lasted } = words
      node.dataset.severity = issue.severity
      setText(severity, words.severities[issue.severity])
      setText(time, (issue.until === null ? since : lasted)(lengthText(issue.seconds, words)))
      setText(problem, issue.problem)
      setText(effect, issue.effect)
      setText(fix, issue.fix)
    },
  }
}
