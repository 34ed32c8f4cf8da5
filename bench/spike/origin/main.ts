/**
 * Packages an FLV file again and again in real time, as a live session, and is its origin. The arguments are
 * the file and `OriginOptions` as JSON. Commands come as lines of JSON on stdin; see `OriginCommand`.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { type EncodedRendition, startEncoder } from '../../../test/kit/packager/encoder.ts'
import { createPackagerServer } from '../../../test/kit/packager/packager-server.ts'
import type { OriginCommand, OriginOptions, OriginSample } from './origin-process.ts'
import { createRequestCounts } from './request-counts.ts'

const [source = '', optionsJson = '{}'] = process.argv.slice(2)
const { sessionId, slug, partMs, hasRung, fps } = JSON.parse(optionsJson) as OriginOptions
const counts = createRequestCounts()
const lag = monitorEventLoopDelay({ resolution: 10 })
lag.enable()
const top = '360p'
const rung: EncodedRendition[] = hasRung ? [{ name: '180p', from: 180 }] : []
const server = createPackagerServer({
  sessionId,
  slug,
  partMs,
  video: [top, ...rung.map(({ name }) => name)],
  open: true,
  onRequest({ url = '', socket }) {
    counts.watch(socket)
    counts.add(url)
  },
})
const port = await server.listen()
const frameMs = 1000 / fps
const encoder = startEncoder({
  source,
  sink: server.presentation.beginEpoch({ epoch: 1, leader: { rendition: top }, frameMs }),
  frameMs,
  paced: true,
  more: ['-stream_loop', '-1'],
  renditions: [{ name: top, from: 'copy' }, ...rung, { name: 'audio', from: 'audio' }],
})
/** Sends a line of JSON to the process that started this one. */
const send = (message: object) => console.log(JSON.stringify(message))
send({ port })

async function obey(command: OriginCommand) {
  if (command.do === 'count') {
    send({ counts: { ...counts.take(), lagMs: lag.max / 1e6 } satisfies OriginSample })
    return lag.reset()
  }
  if (command.do === 'pause') {
    process.kill(encoder.pid ?? Number.NaN, 'SIGSTOP')
    await delay(command.ms)
    process.kill(encoder.pid ?? Number.NaN, 'SIGCONT')
    return
  }
  await server.close()
  await delay(command.ms)
  await server.listen(port)
}

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => void obey(JSON.parse(line)))
commands.on('close', () => {
  encoder.stop()
  process.exit()
})
