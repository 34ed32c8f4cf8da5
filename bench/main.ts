import { NowcastError } from '../core/process/errors.ts'
import { compare } from './compare/compare.ts'
import { type SuiteResult, takeFigureFile, writeFigures } from './figures/figure-file.ts'
import { updateReadmeFigures } from './figures/readme-figures.ts'
import { spike } from './spike/spike.ts'
import { alignment } from './suites/alignment/alignment.ts'
import { artillery } from './suites/artillery/artillery.ts'
import { chaos } from './suites/chaos/chaos.ts'
import { clients } from './suites/clients/clients.ts'
import { crowdHiccup } from './suites/crowd/hiccup.ts'
import { crowdHostile } from './suites/crowd/hostile.ts'
import { crowdLive } from './suites/crowd/live.ts'
import { crowdOutage } from './suites/crowd/outage.ts'
import { crowdOverload } from './suites/crowd/overload.ts'
import { day } from './suites/day.ts'
import { drift } from './suites/drift/drift.ts'
import { edgeVsNginx } from './suites/edge-vs-nginx/edge-vs-nginx.ts'
import { events } from './suites/events/events.ts'
import { firstSeconds } from './suites/first-seconds/first-seconds.ts'
import { fuzz } from './suites/fuzz/fuzz.ts'
import { glass } from './suites/glass.ts'
import { hostileHttp } from './suites/hostile-http/hostile-http.ts'
import { hostileRtmp } from './suites/hostile-rtmp.ts'
import { ingestLoad } from './suites/ingest-load.ts'
import { memory } from './suites/memory/memory.ts'
import { metricsCost } from './suites/metrics-cost.ts'
import { networks } from './suites/networks/networks.ts'
import { part } from './suites/part.ts'
import { passthrough } from './suites/passthrough/passthrough.ts'
import { redisStates } from './suites/redis-states.ts'
import { resilience } from './suites/resilience/resilience.ts'
import { steady } from './suites/steady.ts'
import { steering } from './suites/steering.ts'
import { tokens } from './suites/tokens.ts'
import { transcoderShare } from './suites/transcoder-share.ts'
import { variants } from './suites/variants.ts'
import { viewerCeiling } from './suites/viewer-ceiling/viewer-ceiling.ts'
import { witnesses } from './suites/witnesses/witnesses.ts'

/** Suites of `npm run bench -- NAME`. `about` has the arguments in brackets. `run` returns the output. */
const suites: Record<string, { about: string; run(args: string[]): Promise<SuiteResult | string> }> = {
  part: {
    about: 'first frame of video until a part can be fetched from the edge: [runs] [ladder]',
    run: part,
  },
  glass: {
    about: 'glass-to-glass latency, join time and stalls in Chromium: [low|ultra] [runs] [seconds]',
    run: glass,
  },
  networks: {
    about: 'viewers behind emulated networks: [profile|all] [runs] [seconds|-] [player|all] [h1|h2]',
    run: networks,
  },
  ingest: { about: 'CPU of ingest for 20 publishers of 4 Mbps, and of nginx-rtmp', run: ingestLoad },
  passthrough: {
    about: 'CPU and memory of 20 streams passed through, and of MediaMTX: [rounds] [seconds] [profile]',
    run: passthrough,
  },
  clients: {
    about: 'HLS clients that people have, beside a publisher with pauses: [minutes] [client|all]',
    run: clients,
  },
  'redis-states': {
    about: 'a viewer while Redis is away, slow, full or empty, and while clocks are set: [seconds] [state]',
    run: redisStates,
  },
  events: {
    about: 'viewers while a process or the publisher dies, freezes, leaves or returns: [runs] [event]',
    run: events,
  },
  chaos: {
    about: 'a cluster under faults; needs root: [--minutes n] [--seed n] [--viewers n] [--events name]',
    run: chaos,
  },
  resilience: {
    about: 'a viewer of the passed rendition while ffmpeg is killed, stopped and starved: [rounds]',
    run: resilience,
  },
  hostile: { about: 'hostile RTMP while a viewer watches a live channel: [seconds]', run: hostileRtmp },
  'hostile-http': {
    about: 'hostile HTTP at an edge with viewers of an open and a signed channel: [seconds]',
    run: hostileHttp,
  },
  metrics: { about: 'CPU of /metrics at an edge with open connections: [connections]', run: metricsCost },
  'first-seconds': {
    about: 'a viewer who joins in the first second of a show, and one 30 s later: [runs]',
    run: firstSeconds,
  },
  fuzz: {
    about: 'mutated media while a viewer watches a live channel: [messages] [messages per second] [seed]',
    run: fuzz,
  },
  transcode: { about: 'CPU of the transcoder in comparison with its ffmpeg', run: transcoderShare },
  alignment: {
    about: 'segments, parts and frames of all renditions of difficult sources: [minutes] [source]',
    run: alignment,
  },
  variants: { about: 'every rendition read by ffprobe: frames, keyframes, times: [seconds]', run: variants },
  'edge-vs-nginx': {
    about: 'the edge and nginx proxy_cache under load and in spikes; needs wrk and nginx: [runs] [seconds]',
    run: edgeVsNginx,
  },
  'crowd-live': {
    about: 'requests at the origin when a crowd watches one channel: [seconds] [viewers]',
    run: crowdLive,
  },
  'crowd-hostile': {
    about: 'requests that no player makes, beside viewers: [seconds] [requests per second] [viewers]',
    run: crowdHostile,
  },
  'crowd-outage': {
    about: 'the origin dies under a crowd and comes back: [viewers] [seconds] [times]',
    run: crowdOutage,
  },
  'crowd-hiccup': {
    about: 'the publisher pauses under crowds with hls.js and on the watch page: [viewers of each]',
    run: crowdHiccup,
  },
  'crowd-overload': {
    about: 'three times as many viewers as an edge can serve: [seconds]',
    run: crowdOverload,
  },
  'viewer-ceiling': {
    about: 'simulated viewers that one core bears: [low-latency|classic|both] [seconds of each step]',
    run: viewerCeiling,
  },
  witnesses: {
    about: 'players in Chromium in a crowd of simulated viewers: [viewers] [runs]',
    run: witnesses,
  },
  spike: {
    about: 'what crowd each architecture bears: [--quick] [--curve name] [--architectures a,b] [--seed n]',
    run: spike,
  },
  artillery: {
    about: 'Artillery with simulated viewers, or users of the manager: [viewers|manager] [viewers] [curve]',
    run: artillery,
  },
  memory: {
    about: 'memory of an edge during 5000 sessions with mixed objects: [minutes] [workers]',
    run: memory,
  },
  tokens: { about: 'cost of the check of playback tokens per request: [runs]', run: tokens },
  steering: {
    about: 'a viewer in Chromium whose edge drains, and whose edge is killed: [runs]',
    run: steering,
  },
  day: {
    about: 'a day of a session in fast motion: wraps, steps, pauses, losses: [hours] [seed]',
    run: day,
  },
  drift: {
    about: 'drift of sound to picture and of age, and memory, over a long time: [minutes] [speed]',
    run: drift,
  },
  steady: { about: 'drift, memory and CPU of one channel with a viewer: [minutes]', run: steady },
}

/**
 * Runs a suite, or compares two runs. Returns the exit code: 1 when a suite failed or a figure became worse,
 * 2 when there is nothing to run or to compare.
 */
async function main([name = '', ...args]: string[]): Promise<number> {
  const suite = suites[name]
  if (suite === undefined && name !== 'compare') {
    const list = Object.entries(suites).map(([each, { about }]) => `  ${each.padEnd(14)} ${about}`)
    console.log(['npm run bench -- NAME [--figures FILE.json]', ...list, compareUsage].join('\n'))
    return name === '' ? 0 : 2
  }
  if (suite !== undefined && args.includes('--help')) {
    console.log(`npm run bench -- ${name}\n  ${suite.about}`)
    return 0
  }
  try {
    if (suite === undefined) {
      const { text, isWorse } = compare(args)
      console.log(text)
      return isWorse ? 1 : 0
    }
    const { file, rest } = takeFigureFile(args)
    const result = await suite.run(rest)
    console.log(typeof result === 'string' ? result : result.text)
    updateReadmeFigures()
    if (file !== undefined) writeFigures(file, name, result)
    return 0
  } catch (error) {
    if (!(error instanceof NowcastError)) throw error
    console.error(`bench: ${error.message}`)
    return suite === undefined ? 2 : 1
  }
}

const compareUsage = `
npm run bench -- compare BEFORE.json AFTER.json
  what moved between two runs of a suite beyond their noise; exit code 1 when something became worse`

// Without an explicit exit, Node.js 24 sometimes never ends after connections were reset: its clean-up waits
// for requests that are over, at full CPU.
process.exit(await main(process.argv.slice(2)))
