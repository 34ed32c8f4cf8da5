import { crowdLive } from './crowd/crowd-live.ts'
import { crowdOutage } from './crowd/crowd-outage.ts'
import { crowdOverload } from './crowd/crowd-overload.ts'
import { edgeVsNginx } from './edge-vs-nginx/edge-vs-nginx.ts'
import { glass } from './glass.ts'
import { hostile } from './hostile.ts'
import { hostileHttp } from './hostile-http/hostile-http.ts'
import { ingestLoad } from './ingest-load.ts'
import { memory } from './memory/memory.ts'
import { startTime } from './start-time.ts'
import { steady } from './steady.ts'
import { steering } from './steering.ts'
import { tokens } from './tokens.ts'
import { transcoderShare } from './transcoder-share.ts'
import { variants } from './variants.ts'

/** What `npm run bench -- NAME` can measure; each prints a table of its figures, as Markdown. */
const benches: Record<string, { about: string; run: (args: string[]) => Promise<string> }> = {
  start: { about: 'first frame sent until a part can be fetched from the edge', run: startTime },
  glass: {
    about: 'glass-to-glass latency, join time and stalls in Chromium: [low|ultra] [runs] [seconds]',
    run: glass,
  },
  ingest: { about: 'CPU of ingest for 20 publishers of 4 Mbps, beside nginx-rtmp', run: ingestLoad },
  hostile: { about: 'hostile RTMP beside a live channel that is watched: [seconds]', run: hostile },
  'hostile-http': {
    about: 'hostile HTTP at an edge with an open and a signed channel that are watched: [seconds]',
    run: hostileHttp,
  },
  transcode: { about: 'CPU of the transcoder beside its ffmpeg', run: transcoderShare },
  variants: { about: 'every rendition read by ffprobe: frames, keyframes, times: [seconds]', run: variants },
  'edge-vs-nginx': {
    about:
      'the edge beside nginx proxy_cache under load and in spikes; needs wrk and nginx: [runs] [seconds]',
    run: edgeVsNginx,
  },
  'crowd-live': {
    about: 'what a crowd that watches one channel asks of its origin: [seconds] [viewers]',
    run: crowdLive,
  },
  'crowd-outage': {
    about: 'the origin dies under a crowd and comes back: [viewers] [seconds] [times]',
    run: crowdOutage,
  },
  'crowd-overload': { about: 'three times as many viewers as an edge bears: [seconds]', run: crowdOverload },
  memory: {
    about: 'memory of an edge in an hour of 5000 sessions and mixed objects, in less: [minutes] [workers]',
    run: memory,
  },
  tokens: { about: 'what the check of playback tokens costs for one request: [runs]', run: tokens },
  steering: {
    about: 'a viewer in Chromium whose edge drains, and whose edge is killed: [runs]',
    run: steering,
  },
  steady: { about: 'drift, memory and CPU of one channel with a viewer: [minutes]', run: steady },
}

const [name = '', ...args] = process.argv.slice(2)
const bench = benches[name]
if (bench) {
  console.log(await bench.run(args))
} else {
  const list = Object.entries(benches).map(([each, { about }]) => `  ${each.padEnd(13)} ${about}`)
  console.log(['npm run bench -- NAME', ...list].join('\n'))
  process.exitCode = name === '' ? 0 : 2
}
