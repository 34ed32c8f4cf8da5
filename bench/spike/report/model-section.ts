import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { maxError, type Prediction } from '../model/calibration.ts'
import { type ModelInputs, predict } from '../model/model.ts'
import type { KneeResult } from '../run/campaign.ts'
import { shownRun } from '../run/tables.ts'
import { shortNumber } from './chart.ts'
import { htmlTable, paragraph, section } from './html.ts'

const crowds = [10_000, 1_000_000, 10_000_000]

/** Inputs that no run measures. Prices are list prices in dollars, looked up on 2026-11-25. */
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

/** Returns the inputs with what the run of an edge measured. */
function inputsFrom(knees: readonly KneeResult[]): ModelInputs {
  const edge = knees.find(
    ({ architecture: { layers, isLowLatency } }) => isLowLatency && layers.join() === 'edge',
  )
  const run = edge && shownRun(edge)
  const cpuPerViewer = run === undefined ? cpuPerViewerUnmeasured : run.cpuPerViewerHour / 3600
  const memory = run === undefined ? 100 : run.memoryPer1000 / 1e6
  return { ...usual, cpuPerViewer: Number(cpuPerViewer.toPrecision(3)), memoryMbPer1000: Math.round(memory) }
}

/** Returns the section with the model: its errors, what it predicts, and a form to change its inputs. */
export function modelSection(knees: readonly KneeResult[], predictions: readonly Prediction[]): string {
  const inputs = inputsFrom(knees)
  const rows = crowds.map((viewers) => {
    const result = predict({ ...inputs, viewers })
    return [
      `${shortNumber(viewers)} viewers (not measured)`,
      `${shortNumber(result.requestsPerSecond)} /s`,
      `${shortNumber(result.gbit)} Gbit/s`,
      `${result.edges}, by ${result.bottleneck}`,
      result.shields.join(' + ') || 'none',
      `${shortNumber(result.originRequestsPerSecond)} /s`,
      `$${result.total.toFixed(4)}`,
      `$${shortNumber(result.total * viewers)}`,
    ]
  })
  const errors = predictions.map(
    ({ figure, architecture, viewers, predicted, measured, error, isClaimed }) => [
      `${figure}, ${architecture}, ${viewers} viewers`,
      shortNumber(predicted),
      shortNumber(measured),
      `${error >= 0 ? '+' : '−'}${Math.abs(100 * error).toFixed(0)} %`,
      isClaimed ? 'claimed' : `missed: more than ${100 * maxError} %`,
    ],
  )
  const fields = (Object.keys(labels) as (keyof ModelInputs)[]).map(
    (name) =>
      `<label>${labels[name]} <input name="${name}" type="number" step="any" min="0" value="${inputs[name]}"></label>`,
  )
  return section(
    'Beyond one machine',
    paragraph(
      'The model is arithmetic with the CPU and memory of a viewer as measured above. The kernel, network cards, TLS and the public internet are not in it. Its errors follow where sizes were predicted that had not been used to calibrate it; larger crowds are not measured.',
    ),
    predictions.length === 0
      ? paragraph('This campaign did not compare predictions with measurements: use the full one.')
      : htmlTable([['prediction', 'predicted', 'measured', 'error', ''], ...errors]),
    htmlTable([
      [
        'crowd',
        'requests',
        'traffic',
        'edges',
        'shields',
        'at the origin',
        'for a viewer-hour',
        'for an hour',
      ],
      ...rows,
    ]),
    `<form id="model">${fields.join('')}</form><p id="prediction" role="status"></p>`,
    `<script type="module">${modelScript()}</script>`,
  )
}

/** Returns the model as a script of the page, which predicts again when an input changes. */
function modelScript(): string {
  const source = readFileSync(join(import.meta.dirname, '../model/model.ts'), 'utf8')
  return `${stripTypeScriptTypes(source)}
const form = document.getElementById('model')
const show = () => {
  const inputs = Object.fromEntries([...form.elements].map((field) => [field.name, Number(field.value)]))
  const result = predict(inputs)
  const round = (value) => Number(value.toPrecision(3)).toLocaleString('en')
  document.getElementById('prediction').textContent =
    round(result.requestsPerSecond) + ' requests/s and ' + round(result.gbit) + ' Gbit/s need ' + round(result.edges) +
    ' edges, because of their ' + result.bottleneck + ', and ' + (result.shields.join(' + ') || 'no') +
    ' shields. The origin receives ' + round(result.originRequestsPerSecond) + ' requests/s. A viewer-hour costs $' +
    result.total.toFixed(4) + ': traffic ' + result.traffic.toFixed(4) + ', requests ' + result.requests.toFixed(4) +
    ', servers ' + result.servers.toFixed(4) + '.'
}
form.addEventListener('input', show)
show()`
}
