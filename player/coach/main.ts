import { find } from '../shared/dom.ts'
import { type CoachState, readHealth } from './health-reader.ts'
import { createIssueList, setText } from './issue-list.ts'
import { createNumbers } from './numbers.ts'
import { languageOf, lengthText, wordsOf } from './words.ts'

const language = languageOf(navigator.languages)
const words = wordsOf(language)
document.documentElement.lang = language
const showIssues = createIssueList(find('#issue-list'), words)
const showNumbers = createNumbers(words)
setText(find('#graph-caption'), words.graph)

function showVerdict(state: keyof typeof words.states, about = '', past?: string) {
  const [word, sentence] = words.states[state]
  find('#verdict').dataset.verdict = state
  setText(find('#word'), word)
  setText(find('#sentence'), past ?? sentence)
  setText(find('#about'), about)
}

/** Shows a state. While the manager does not respond, what it sent last stays below. */
function show(state: CoachState) {
  if (state.at !== 'ready') {
    if (state.at === 'unknown') for (const id of ['#issues', '#numbers']) find(id).hidden = true
    return showVerdict(state.at)
  }
  const { channel, health } = state.view
  setText(find('#channel'), channel.title)
  document.title = channel.title
  find('#issues').hidden = health === null || health.issues.length === 0
  find('#numbers').hidden = health === null || health.samples.length === 0
  if (health === null) return showVerdict('never')
  const isOver = health.state === 'ended'
  const past = isOver ? words.past[health.verdict] : undefined
  showVerdict(health.state === 'interrupted' ? 'interrupted' : health.verdict, aboutOf(health), past)
  setText(find('#issues-heading'), isOver ? words.pastIssues : words.issues)
  setText(find('#numbers-heading'), isOver ? words.pastNumbers : words.numbers)
  showIssues(health.issues)
  showNumbers(health)
}

function aboutOf({ startedAt, endedAt }: { startedAt: string; endedAt: string | null }) {
  if (endedAt === null) return words.live
  const start = new Date(startedAt)
  const length = lengthText((Date.parse(endedAt) - start.getTime()) / 1000, words)
  const options = { dateStyle: 'medium', timeStyle: 'short' } as const
  return words.report(start.toLocaleString(language, options), length)
}

showVerdict('loading')
void readHealth(location.pathname, language, show)
