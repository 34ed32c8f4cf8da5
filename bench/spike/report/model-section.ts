import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { maxError, type Prediction } from '../model/calibration.ts'
import { type ModelInputs, predict } from '../model/model.ts'
import { cpuName } from '../run/further.ts'
import { shownRun } from '../run/tables.ts'
import type { CampaignResult } from './campaign-result.ts'
import { shortNumber } from './chart.ts'
import { charts, htmlTable, paragraph, section } from './html.ts'
import { modelChart } from './model-chart.ts'

const crowds = [10_000, 1_000_000, 10_000_000]

/** When the prices were looked up. */
const pricesOf = '2026-11-25'
/** Inputs that no run measures. Prices are list prices in dollars. */
const usual = {
  ...{ viewers: 10_000, tracks: 2, mbit: 3, partSeconds: 0.333, segmentSeconds: 2 },
  ...{ renditions: 6, playlistKinds: 2, cores: 16, gbit: 25, memoryGb: 64, connections: 200_000 },
  ...{ connectionsPerViewer: 4, fanOut: 60 },
  ...{ pricePerGb: 0.02, pricePer10kRequests: 0.01, pricePerEdgeHour: 0.5 },
}

/** CPU of a viewer when no edge was measured: 12.3 µs for a playlist and 10.4 µs for a part of 31 KB. */
const cpuPerViewerUnmeasured = 272e-6

const labels: Record<keyof ModelInputs, string> = {
  viewers: 'viewers',
  tracks: 'tracks of a viewer',
  mbit: 'bitrate, Mbit/s',
  partSeconds: 'part, s (0: classic)',
  segmentSeconds: 'segment, s',
  renditions: 'renditions of the channel',
  playlistKinds: 'kinds of playlist',
  cpuPerViewer: 'CPU of a viewer, cores',
  memoryMbPer1000: 'memory of 1000 viewers, MB',
  cores: 'cores of an edge',
  gbit: 'network of an edge, Gbit/s',
  memoryGb: 'memory of an edge, GB',
  connections: 'connections of an edge',
  connectionsPerViewer: 'connections of a viewer',
  fanOut: 'edges for each shield',
  pricePerGb: '$ for a GB',
  pricePer10kRequests: '$ for 10,000 requests',
  pricePerEdgeHour: '$ for an edge and hour',
}

/**
 * Returns the inputs with what was measured: the CPU that the calibration shows for each further viewer, or
 * without a calibration that of the shown run of an edge.
 */
export function inputsFrom({ knees, cpu }: Pick<CampaignResult, 'knees' | 'cpu'>): ModelInputs {
  const edge = knees.find(
    ({ architecture: { layers, isLowLatency } }) => isLowLatency && layers.join() === 'edge',
  )
  const run = edge && shownRun(edge)
  const ofRun = run === undefined ? cpuPerViewerUnmeasured : run.cpuPerViewerHour / 3600
  const memory = run === undefined ? 100 : run.memoryPer1000 / 1e6
  const cpuPerViewer = Number((cpu?.line.perViewer ?? ofRun).toPrecision(3))
  return { ...usual, cpuPerViewer, memoryMbPer1000: Math.round(memory) }
}

/** Returns the section with the model: its errors, what it predicts, and a form to change its inputs. */
export function modelSection(campaign: CampaignResult, predictions: readonly Prediction[]): string {
  const inputs = inputsFrom(campaign)
  const errors = predictions.map(
    ({ figure, architecture, viewers, predicted, measured, error, isClaimed }) => [
      `${figure}, ${architecture}, ${viewers} viewers`,
      shortNumber(predicted),
      shortNumber(measured),
      `${error >= 0 ? '+' : '−'}${Math.abs(100 * error).toFixed(0)} %`,
      isClaimed ? 'claimed' : `missed: more than ${100 * maxError} %, not claimed`,
    ],
  )
  const fields = (Object.keys(labels) as (keyof ModelInputs)[]).map(
    (name) =>
      `<label>${labels[name]} <input name="${name}" type="number" step="any" min="0" value="${inputs[name]}"></label>`,
  )
  return section(
    'Beyond one machine',
    paragraph(
      'The model is arithmetic with the CPU and memory of a viewer as measured above. The kernel, network cards, TLS and the public internet are not in it. It is calibrated with crowds of 250 and 500 and predicts crowds of 1000 and 2000 and an architecture with shields that no calibration used; its errors follow with their signs. It is claimed only where the error is at most 20 %. Larger crowds are not measured.',
    ),
    predictions.length === 0
      ? paragraph('This campaign did not compare predictions with measurements: use the full one.')
      : htmlTable([['prediction', 'predicted', 'measured', 'error', ''], ...errors]),
    charts([chartOf(campaign, inputs)]),
    crowdTable(inputs),
    paragraph(
      `An edge is used up to 60 % of its CPU and 80 % of its network and memory, so that there is room for a spike. Prices are list prices of content delivery networks and of a server with 16 cores, in dollars, looked up on ${pricesOf}. Change any input:`,
    ),
    `<form id="model">${fields.join('')}</form><div id="prediction" role="status"></div>`,
    `<script type="module">${modelScript()}</script>`,
  )
}

function crowdTable(inputs: ModelInputs): string {
  const rows = crowds.map((viewers) => {
    const result = predict({ ...inputs, viewers })
    return [
      `${shortNumber(viewers)} viewers (not measured)`,
      `${shortNumber(result.requestsPerSecond)} /s`,
      `${shortNumber(result.gbit)} Gbit/s`,
      `${result.edges}, because of their ${result.bottleneck}`,
      result.nextBottleneck,
      result.shields.join(' + ') || 'none',
      `${shortNumber(result.originRequestsPerSecond)} /s`,
      `$${result.total.toFixed(4)}`,
      `$${shortNumber(result.total * viewers)}`,
    ]
  })
  const head = ['crowd', 'requests', 'traffic', 'edges', 'next bottleneck', 'shields', 'at the origin']
  return htmlTable([[...head, 'for a viewer-hour', 'for an hour'], ...rows])
}

/** Returns the model beside what was measured. Without a calibration, all of it is not measured. */
function chartOf({ cpu, predictions, ours }: CampaignResult, { cpuPerViewer }: ModelInputs): string {
  const claimed = predictions.filter(
    ({ figure, architecture }) => figure === cpuName && architecture === ours,
  )
  const firstMissed = Math.min(...claimed.filter(({ isClaimed }) => !isClaimed).map(({ viewers }) => viewers))
  const sizes = [
    ...(cpu?.calibration ?? []),
    ...claimed.filter(({ isClaimed, viewers }) => isClaimed && viewers < firstMissed),
  ].map(({ viewers }) => viewers)
  return modelChart({
    predict: (viewers) =>
      cpu === undefined ? cpuPerViewer * viewers : cpu.line.base + cpu.line.perViewer * viewers,
    calibration: cpu?.calibration ?? [],
    compared: cpu?.others ?? [],
    claimedTo: Math.max(0, ...sizes),
    viewers: Math.max(...crowds),
  })
}

/** Returns the model as a script of the page, which predicts again when an input changes. */
function modelScript(): string {
  const source = readFileSync(join(import.meta.dirname, '../model/model.ts'), 'utf8')
  return `${stripTypeScriptTypes(source)}
const form = document.getElementById('model')
const round = (value) => Number(value.toPrecision(3)).toLocaleString('en')
const rowOf = (viewers, inputs) => {
  const { edges, bottleneck, nextBottleneck, shields, ...result } = predict({ ...inputs, viewers })
  return [
    round(viewers) + ' viewers (not measured)', round(result.requestsPerSecond) + ' requests/s',
    round(result.gbit) + ' Gbit/s', round(edges) + ' edges, because of their ' + bottleneck,
    'next bottleneck: ' + nextBottleneck, (shields.join(' + ') || 'no') + ' shields',
    round(result.originRequestsPerSecond) + ' requests/s at the origin',
    '$' + result.total.toFixed(4) + ' for a viewer-hour: traffic ' + result.traffic.toFixed(4) + ', requests ' +
      result.requests.toFixed(4) + ', servers ' + result.servers.toFixed(4),
    '$' + round(result.total * viewers) + ' for an hour',
  ]
}
const show = () => {
  const inputs = Object.fromEntries([...form.elements].map((field) => [field.name, Number(field.value)]))
  const crowds = [...new Set([inputs.viewers, ${crowds.join(', ')}])]
  document.getElementById('prediction').replaceChildren(...crowds.map((viewers) => {
    const line = document.createElement('p')
    line.className = 'unmeasured'
    line.textContent = rowOf(viewers, inputs).join(' · ')
    return line
  }))
}
form.addEventListener('input', show)
show()`
}
