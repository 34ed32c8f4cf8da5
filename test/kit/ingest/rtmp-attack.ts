import { createRandom } from '../random.ts'
import { hostileMessages, noise, truncatedPublishes } from './hostile-messages.ts'
import { connectRtmp } from './rtmp-client.ts'

export interface AttackReport {
  connections: number
  /** Number of connections that were accepted as publishers. It must be 0. */
  accepted: number
  /** Number of connections that could not be opened. */
  failed: number
}

export interface AttackOptions {
  port: number
  /** Time after which no more connections are opened, seconds. */
  seconds: number
  /** Number of connections at the same time; 8 by default. */
  parallel?: number
  /** Seed of the random numbers; 1 by default. */
  seed?: number
}

/** Maximum time for which a connection stays open by default, ms. */
const connectionMs = 150

/** Sends bytes to an RTMP port. Returns whether they were accepted as a publish within `forMs`. */
export async function tryPublish(port: number, bytes: Buffer, forMs = connectionMs): Promise<boolean> {
  const client = await connectRtmp(port)
  client.send(bytes)
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, forMs)
  })
  await Promise.race([client.closed, timeout])
  clearTimeout(timer)
  client.socket.destroy()
  return client.received().includes('NetStream.Publish.Start')
}

/** Sends hostile messages, truncated publishes and noise to an RTMP port of this machine, in random order. */
export async function attackRtmp({
  port,
  seconds,
  parallel = 8,
  seed = 1,
}: AttackOptions): Promise<AttackReport> {
  const corpus = [...Object.values(hostileMessages), ...truncatedPublishes()]
  const report: AttackReport = { connections: 0, accepted: 0, failed: 0 }
  const end = performance.now() + seconds * 1000
  const worker = async (number: number) => {
    const random = createRandom(seed * 1000 + number)
    while (performance.now() < end) {
      const known = corpus[Math.floor(random() * corpus.length)]
      const bytes = random() < 0.5 || !known ? noise(random) : known
      report.connections++
      try {
        if (await tryPublish(port, bytes)) report.accepted++
      } catch {
        report.failed++
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, (_, number) => worker(number)))
  return report
}
