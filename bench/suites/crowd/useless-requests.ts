import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { startProcess } from '../../../test/kit/processes.ts'
import { createRandom } from '../../../test/kit/random.ts'

interface FloodOptions {
  url: string
  /** Path of the session, below which are the renditions. */
  base: string
  /** Number of requests per second. */
  rate: number
  seconds: number
}

export interface FloodReport {
  sent: number
  /** Number of responses, whatever their status. */
  answered: number
}

const connections = 64
/** Requests are sent in portions at this interval, ms. */
const portionMs = 10
/**
 * Number of requests that may wait for their responses on one connection. Without a limit, the buffers of the
 * system would hold seconds of requests that the edge has not seen.
 */
const maxWaiting = 60
/** Addresses of this machine from which the clients connect. The viewers have another one. */
const addressOf = (n: number) => `127.0.0.${2 + (n % 8)}`
const thisFile = import.meta.filename

/**
 * Requests of playlists and media that no player would make, in a process of its own: of segments that are
 * stale or far ahead, and of epochs, renditions, sessions and channels that do not exist. Resolves when
 * `seconds` have passed.
 */
export async function floodUselessly(options: FloodOptions): Promise<FloodReport> {
  const flood = startProcess('nice', ['-n', '10', process.execPath, thisFile, JSON.stringify(options)])
  try {
    return JSON.parse(await flood.line(/^\{"sent"/, (options.seconds + 30) * 1000))
  } finally {
    await flood.stop('SIGKILL')
  }
}

const random = createRandom(7)
const below = (limit: number) => Math.floor(random() * limit)

const kinds: ((base: string) => string)[] = [
  (base) => `${base}/720p.m3u8?_HLS_msn=${below(80)}&_HLS_part=${below(1e6)}`,
  (base) => `${base}/audio.m3u8?_HLS_msn=${1000 + below(1e9)}`,
  (base) => `${base}/720p.m3u8?_HLS_msn=0${below(1e6)}&_HLS_part=-${below(9)}`,
  (base) => `${base}/720p.m3u8?_HLS_skip=${below(2) ? 'YES' : 'v2'}&_HLS_msn=${below(80)}`,
  (base) => `${base}/1/720p/${1000 + below(1e9)}.m4s`,
  (base) => `${base}/1/audio/${below(80)}.m4s`,
  (base) => `${base}/1/720p/${below(80)}.${9 + below(1e5)}.m4s`,
  (base) => `${base}/${2 + below(1e6)}/720p/${below(200)}.m4s`,
  (base) => `${base}/${2 + below(1e6)}/720p/init.mp4`,
  (base) => `${base}/${below(1e6)}p.m3u8`,
  (base) => `${base}/1/${below(1e6)}p/${below(200)}.m4s`,
  () => `/live/channel-${below(1e6)}/index.m3u8`,
  () => `/live/bench/s_${String(below(1e9)).padStart(22, '0')}/720p.m3u8`,
]

async function flood({ url, base, rate, seconds }: FloodOptions): Promise<FloodReport> {
  const report: FloodReport = { sent: 0, answered: 0 }
  const clients = Array.from({ length: connections }, (_, n) => open(n))
  const begin = performance.now()
  for (let due = 0; performance.now() < begin + seconds * 1000; ) {
    // A flood that was held up does not catch up at once.
    due = Math.min(due + (rate * portionMs) / 1000, report.sent + rate / 10)
    for (const [n, { socket, waiting }] of clients.entries()) {
      if (socket.destroyed) clients[n] = open(n)
      else send(n, Math.min(maxWaiting - waiting, Math.ceil((due - report.sent) / (connections - n))))
    }
    await delay(portionMs)
  }
  await delay(1000)
  for (const { socket } of clients) socket.destroy()
  return report

  function open(n: number) {
    const { hostname: host, port } = new URL(url)
    const socket = connect({ host, port: Number(port), localAddress: addressOf(n) })
    const client = { socket, waiting: 0 }
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const answered = chunk.toString('latin1').split('HTTP/1.1 ').length - 1
      client.waiting -= answered
      report.answered += answered
    })
    return client
  }

  function send(n: number, count: number) {
    const client = clients[n]
    if (client === undefined || count <= 0) return
    client.socket.write(Array.from({ length: count }, requestOf).join(''))
    client.waiting += count
    report.sent += count
  }

  function requestOf(): string {
    const targetOf = kinds[below(kinds.length)] as (base: string) => string
    return `GET ${targetOf(base)} HTTP/1.1\r\nHost: a\r\n\r\n`
  }
}

if (process.argv[1] === thisFile) {
  console.log(JSON.stringify(await flood(JSON.parse(process.argv[2] ?? '{}'))))
}
