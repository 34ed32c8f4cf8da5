import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readResult } from '../../figures/result-file.ts'
import type { Curve } from '../curves/curve.ts'
import type { Plan } from '../curves/plan.ts'
import type { Prediction } from '../model/calibration.ts'
import type { KneeResult } from '../run/campaign.ts'
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
  /** Share of one core that all servers of an architecture could use together, 0..1. */
  coreShare: number
  curve: Curve
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
  'One machine and its loopback: no loss, no round-trip time, no TLS, no HTTP/2. Servers of an architecture share one core, or a part of it, so knees are for that much CPU.',
  'Viewers request what hls.js 1.7 and the watch page request, but they do not decode. Half of them are hls.js with its defaults, half the watch page; on other systems all are hls.js.',
  'The source is synthetic and has about 0.9 Mbit/s with sound, so the figures are about requests more than about bytes.',
  'The steepest growth that is documented for a large event is 4 to 5 % of the peak a minute. Curves such as idol are stress tests.',
]

/** Returns how many viewers the generator bears, from the last `viewer-ceiling` on this machine. */
function ceiling(): string {
  const ceilings = readResult('viewer-ceiling')?.match(/^(?:low-latency|classic): \d+ viewers$/gm)
  const known = ceilings?.join(', ') ?? 'not measured; npm run bench -- viewer-ceiling does it'
  return `The generator uses one core. A knee marked with ≥ was limited by it. Its own ceiling against a server without work: ${known}.`
}

const coreShareText = ({ coreShare }: Pick<CampaignResult, 'coreShare'>): string =>
  coreShare === 1
    ? 'one core'
    : `at most ${coreShare} of one core, by a control group with a period of 5 ms; the model is measured with a whole core`

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
      htmlTable(
        [['', ''], ['CPU of all servers of an architecture', coreShareText(campaign)], ...environment()],
        {
          words: true,
        },
      ),
    ),
    section('Limits', list([...limitsOfTheReport, ceiling()])),
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
      'generator',
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
        result.isVoid === undefined ? (result.isServed ? 'yes' : 'no') : 'void',
        `${(100 * result.deviation).toFixed(1)} %`,
        newcomers.count === 0
          ? ''
          : Number.isFinite(newcomers.joinP95)
            ? `${newcomers.joinP95.toFixed(0)} ms`
            : 'never',
        `${(100 * insiders.rebuffering).toFixed(2)} %`,
        count(errors),
        count(faults),
        `${(100 * generator.cpu).toFixed(0)} %, ${generator.lagP99Ms.toFixed(0)} ms`,
        `${(100 * result.others).toFixed(0)} %`,
      ]
    }),
  ])
