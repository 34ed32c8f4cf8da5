import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { planOf } from '../run/campaign.ts'
import { ceilingText } from '../run/generator-ceiling.ts'
import type { RunResult } from '../run/result.ts'
import { formatFigure, runFigures, shownRun } from '../run/tables.ts'
import type { CampaignResult } from './campaign-result.ts'
import { escapeHtml } from './chart.ts'
import * as experience from './experience.ts'
import { charts, details, htmlTable, link, list, paragraph, section } from './html.ts'
import { hypotheses } from './hypotheses.ts'
import { inputsFrom, modelSection } from './model-section.ts'
import { lowLatencyAgainstClassic, recovery } from './pairs.ts'
import { allRuns, discarded } from './run-lists.ts'
import * as sections from './sections.ts'
import { standPicture } from './stand-picture.ts'

const setUp = `core 0: all servers of the architecture (origin, nginx, edges), one architecture at a time, and the publisher
core 1: the generator, which is all viewers in one process (dashed above)
all cores: Redis, which only says where the origin is
Each line is HTTP/1.1 over the loopback interface.`

const limitsOfTheReport = [
  'One machine and its loopback: no loss, no round-trip time, no TLS, no HTTP/2. Servers of an architecture share one core, or a part of it, so knees are for that much CPU.',
  'Viewers request what hls.js 1.7 and the watch page request, but they do not decode. Half of them are hls.js with its defaults, half the watch page; on other systems all are hls.js.',
  'The source is synthetic and has about 0.9 Mbit/s with sound, so the figures are about requests more than about bytes.',
  'The steepest growth that is documented for a large event is 4 to 5 % of the peak a minute. Curves such as idol are stress tests.',
]

const coreShareText = ({ coreShare }: CampaignResult['scale']): string =>
  coreShare === 1
    ? 'one core'
    : `at most ${coreShare} of one core, by a control group with a period of 5 ms; the model is measured with a whole core`

const fairness =
  'nginx is configured as its documentation advises for a cache of live media: proxy_cache_lock, persistent upstream connections, sendfile with tcp_nopush, cached file descriptors, stale responses while updating, and a cache key without CMCD. Its cache lock wakes waiting requests by a timer of up to 500 ms (ngx_http_file_cache.c), which no setting changes. All configurations are below. If a server can be configured better, please send the configuration.'

/** Where the settings of the peers come from. */
const advice = [
  'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cache_lock',
  'https://docs.nginx.com/nginx/admin-guide/content-cache/content-caching/',
  'https://github.com/arut/nginx-rtmp-module/wiki/Directives#hls',
]

/** Returns a report as one HTML file without references to other files. */
export function reportPage(campaign: CampaignResult): string {
  const { knees, same, others, runs, curve, predictions } = campaign
  const shown = knees.flatMap((each) => shownRun(each) ?? [])
  const first = shown.at(-1)
  const css = readFileSync(join(import.meta.dirname, 'report.css'), 'utf8')
  const parts = [
    '<h1>What crowd each architecture bears</h1>',
    paragraph(introductionOf(campaign)),
    sections.verdicts(knees),
    hypotheses(knees, campaign.scale.coreShare),
    first === undefined
      ? ''
      : sections.arrivals(
          curve,
          planOf(curve, first.viewers, campaign).viewers.map(({ arriveMs }) => arriveMs),
          first,
        ),
    sections.degradation(knees),
    sections.timelines('The spike, second by second', shown),
    sections.joins(shown),
    experience.stalls(shown),
    experience.lateness(shown),
    experience.processes(shown),
    experience.errorKinds([...shown, ...others]),
    sections.figures(knees, same),
    sections.repeats(campaign),
    lowLatencyAgainstClassic(knees, inputsFrom(campaign)),
    others.length === 0 ? '' : otherCurves(others),
    recovery(others),
    modelSection(campaign, predictions),
    generator(campaign),
    discarded(runs, campaign.absent),
    section('All runs', allRuns(runs)),
    ...surroundings(campaign),
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>nowcast: what crowd each architecture bears</title><style>${css}</style></head>
<body>${parts.join('\n')}</body></html>
`
}

function introductionOf({ startedAt, command, seed, runs }: CampaignResult): string {
  const minutes = runs.reduce((sum, { result }) => sum + result.samples.length, 0) / 60
  return `A crowd is served when newcomers' join p95 is at most 2 s and insiders' rebuffering at most 0.5 %. Insiders watch before the curve begins. Measured ${startedAt.slice(0, 16).replace('T', ' ')} UTC with seed ${seed} and the command: ${command}. ${runs.length} runs, ${minutes.toFixed(0)} minutes of curves. The whole campaign takes about 40 minutes, --quick about 4.`
}

/** Returns what is needed to judge the figures and to make them again. */
function surroundings({ knees, environment, scale }: CampaignResult): string[] {
  return [
    section(
      'The set-up',
      charts(knees.map(({ architecture }) => standPicture(architecture))),
      `<pre>${escapeHtml(setUp)}</pre>`,
      htmlTable([['', ''], ['CPU of all servers of an architecture', coreShareText(scale)], ...environment], {
        words: true,
      }),
    ),
    section('Limits', list(limitsOfTheReport)),
    section('Fairness', paragraph(fairness), ...advice.map((url) => link(url))),
    section(
      'Configurations',
      ...knees.flatMap(({ architecture, configs }) =>
        Object.entries(configs).map(([name, text]) => details(`${architecture.id}: ${name}`, text)),
      ),
    ),
    section(
      'Raw data',
      paragraph(
        'Beside this page are runs.ndjson with every run, its samples and histograms, campaign.json with the rest, figures.json for npm run bench -- compare, and configs/ with the configurations. The command above measures again. This one makes the page again from these files: npm run bench -- spike --from FOLDER',
      ),
    ),
  ]
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
