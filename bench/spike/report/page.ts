import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Curve } from '../curves/curve.ts'
import type { Plan } from '../curves/plan.ts'
import type { Prediction } from '../model/calibration.ts'
import type { KneeResult } from '../run/campaign.ts'
import { ceilingText, type GeneratorCeiling } from '../run/generator-ceiling.ts'
import type { RunResult } from '../run/result.ts'
import { formatFigure, runFigures, shownRun } from '../run/tables.ts'
import { escapeHtml } from './chart.ts'
import { environment } from './environment.ts'
import { details, htmlTable, list, paragraph, section } from './html.ts'
import { modelSection } from './model-section.ts'
import * as sections from './sections.ts'

/** What a campaign measured. */
export interface CampaignResult {
  command: string
  startedAt: Date
  curve: Curve
  /** What the generator bore before the runs. */
  ceilings: readonly GeneratorCeiling[]
  knees: readonly KneeResult[]
  /** Repetitions of one run, for the noise. */
  same: readonly RunResult[]
  /** Runs of other curves. */
  others: readonly RunResult[]
  predictions: readonly Prediction[]
  /** All runs in their order. */
  runs: readonly sections.ReportedRun[]
  /** Returns the plan of a run. */
  planOf(result: RunResult): Plan
}

const setUp = `core 0: all servers of the architecture (origin, nginx, edges), one architecture at a time, and the publisher
core 1: the generator, which is all viewers in one process
all cores: Redis, which only says where the origin is

viewers --HTTP/1.1, loopback--> [edge or nginx] --HTTP/1.1--> [shield] --HTTP/1.1--> origin <-- publisher`

const limitsOfTheReport = [
  'One machine and its loopback: no loss, no round-trip time, no TLS, no HTTP/2. Servers of an architecture share one core.',
  'Viewers request what hls.js 1.7 and the watch page request, but they do not decode. Half of them are hls.js with its defaults, half the watch page.',
  'The source is synthetic and has about 0.9 Mbit/s with sound, so the figures are about requests more than about bytes.',
  'The steepest growth that is documented for a large event is 4 to 5 % of the peak a minute. Curves such as idol are stress tests.',
]

const fairness =
  'nginx is configured as its documentation advises for a cache of live media: proxy_cache_lock, persistent upstream connections, sendfile with tcp_nopush, cached file descriptors, stale responses while updating, and a cache key without CMCD. Its cache lock wakes waiting requests by a timer of up to 500 ms (ngx_http_file_cache.c), which no setting changes. All configurations are below. If a server can be configured better, please send the configuration.'

/** Returns a report as one HTML file without references to other files. */
export function reportPage(campaign: CampaignResult): string {
  const { knees, same, others, runs, command, startedAt, curve } = campaign
  const shown = knees.flatMap((each) => shownRun(each) ?? [])
  const first = shown.at(-1)
  const voided = runs.filter(({ result }) => result.isVoid !== undefined)
  const css = readFileSync(join(import.meta.dirname, 'report.css'), 'utf8')
  const parts = [
    '<h1>What crowd each architecture bears</h1>',
    paragraph(
      `A crowd is served when newcomers' join p95 is at most 2 s and insiders' rebuffering at most 0.5 %. Insiders watch before the curve begins. Measured ${startedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC with: ${command}`,
    ),
    sections.verdicts(knees),
    section(
      'What was expected before the run',
      list(
        knees.map(
          ({ architecture, knee }) =>
            `${architecture.id}: ${architecture.hypothesis}. Measured knee: ${knee.viewers}.`,
        ),
      ),
    ),
    first === undefined
      ? ''
      : sections.arrivals(
          curve,
          campaign.planOf(first).viewers.map(({ arriveMs }) => arriveMs),
          first,
        ),
    sections.degradation(knees),
    sections.timelines('The spike, second by second', shown),
    sections.joins(shown),
    sections.figures(knees, same),
    others.length === 0 ? '' : otherCurves(others),
    modelSection(knees, campaign.predictions),
    generator(campaign),
    section(
      'Runs that do not count',
      voided.length === 0
        ? paragraph('None.')
        : list(
            voided.map(
              ({ purpose, result }) =>
                `${result.architecture}, ${result.curve}, ${result.viewers} viewers (${purpose}): ${result.isVoid}`,
            ),
          ),
      paragraph(
        `Other programs used at most ${(100 * Math.max(0, ...runs.map(({ result }) => result.others))).toFixed(0)} % of the machine during a run.`,
      ),
    ),
    section('All runs', allRuns(runs)),
    section(
      'The set-up',
      `<pre>${escapeHtml(setUp)}</pre>`,
      htmlTable([['', ''], ...environment()], { words: true }),
    ),
    section('Limits', list(limitsOfTheReport)),
    section('Fairness', paragraph(fairness)),
    section(
      'Configurations',
      ...knees.flatMap(({ architecture, configs }) =>
        Object.entries(configs).map(([name, text]) => details(`${architecture.id}: ${name}`, text)),
      ),
    ),
    section(
      'Raw data',
      paragraph(
        'runs.ndjson beside this page has every run with all samples, and configs/ the configurations. The command above makes both again.',
      ),
    ),
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>nowcast: what crowd each architecture bears</title><style>${css}</style></head>
<body>${parts.join('\n')}</body></html>
`
}

/** Returns what the generator bears, and the runs in which it was full. */
function generator({ ceilings, runs }: CampaignResult): string {
  const full = runs.filter(({ result }) => result.isGeneratorLimited)
  return section(
    'The generator',
    paragraph(
      'The generator uses one core. Before the runs it was measured with viewers of the same kinds and media of the same bitrate:',
    ),
    list(ceilings.map(ceilingText)),
    paragraph(
      'It is at its limit when it uses more than 95 % of its core in any second, or 90 % on the whole. If the crowd of such a run was not served, this says nothing about the servers, and the knee is marked with ≥.',
    ),
    full.length === 0
      ? paragraph('It was not at its limit in any run.')
      : list(
          full.map(({ purpose, result: { architecture, curve, viewers, generator: used } }) => {
            const [whole, peak] = [used.cpu, used.peakCpu].map((share) => `${(100 * share).toFixed(0)} %`)
            return `${architecture}, ${curve}, ${viewers} viewers (${purpose}): ${whole} on the whole, ${peak} in its busiest second`
          }),
        ),
  )
}

function otherCurves(runs: readonly RunResult[]): string {
  return [
    section(
      'Other curves',
      htmlTable([
        [
          'figure',
          ...runs.map(({ architecture, curve, viewers }) => `${architecture}, ${curve}, ${viewers}`),
        ],
        ...runFigures.map((figure) => [
          figure.name,
          ...runs.map((run) => formatFigure(figure.of(run), figure)),
        ]),
      ]),
    ),
    sections.timelines('The other curves, second by second', runs),
  ].join('\n')
}

const allRuns = (runs: readonly sections.ReportedRun[]): string =>
  htmlTable([
    [
      'run',
      'for',
      'served',
      'off plan',
      'joined p95',
      'rebuffering',
      'errors',
      'faults',
      'generator: mean, peak, delay',
      'others',
    ],
    ...runs.map(({ purpose, result }) => {
      const { architecture, curve, viewers, newcomers, insiders, errors, faults, generator } = result
      const count = (counts: Record<string, number>) =>
        Object.entries(counts)
          .map(([name, number]) => `${name} ${number}`)
          .join(', ') || '0'
      return [
        `${architecture}, ${curve}, ${viewers}`,
        purpose,
        outcome(result),
        `${(100 * result.deviation).toFixed(1)} %`,
        newcomers.count === 0
          ? ''
          : Number.isFinite(newcomers.joinP95)
            ? `${newcomers.joinP95.toFixed(0)} ms`
            : 'never',
        `${(100 * insiders.rebuffering).toFixed(2)} %`,
        count(errors),
        count(faults),
        `${(100 * generator.cpu).toFixed(0)} %, ${(100 * generator.peakCpu).toFixed(0)} %, ${generator.lagP99Ms.toFixed(0)} ms`,
        `${(100 * result.others).toFixed(0)} %`,
      ]
    }),
  ])

function outcome({ isVoid, isServed, isGeneratorLimited }: RunResult): string {
  if (isVoid !== undefined) return 'void'
  return `${isServed ? 'yes' : 'no'}${isGeneratorLimited ? ', generator at its limit' : ''}`
}
