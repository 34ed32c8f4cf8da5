/**
 * Packages a test video in real time and serves it on a loopback port, so that players can be tried:
 *   node test/kit/packager/serve.ts [--port 8099] [--part-ms 333] [--seconds 60] [--fps 30] [--gop 60]
 *     [--b-frames 0]
 */
import { parseArgs } from 'node:util'
import { multivariantPath } from '../../../core/playback/media-paths.ts'
import { urlOf } from '../../../core/process/http-server.ts'
import { makeTempDir } from '../temp-dir.ts'
import { startEncoder } from './encoder.ts'
import { createPackagerServer } from './packager-server.ts'
import { makeSource } from './source.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8099' },
    'part-ms': { type: 'string', default: '333' },
    seconds: { type: 'string', default: '60' },
    fps: { type: 'string', default: '30' },
    gop: { type: 'string', default: '60' },
    'b-frames': { type: 'string', default: '0' },
  },
})
const directory = makeTempDir()
const fps = Number(values.fps)
const source = makeSource(directory.path, 'source', {
  seconds: Number(values.seconds),
  fps,
  gop: Number(values.gop),
  bFrames: Number(values['b-frames']),
  size: '640x360',
})
const server = createPackagerServer({
  partMs: Number(values['part-ms']),
  video: ['360p', '180p'],
  open: true,
})
const port = await server.listen(Number(values.port))
console.log(urlOf('127.0.0.1', port) + multivariantPath(server.slug))
const frameMs = 1000 / fps
const sink = server.presentation.beginEpoch({ epoch: 1, leader: { rendition: '360p' }, frameMs })
const encoder = startEncoder({
  source,
  sink,
  frameMs,
  paced: true,
  renditions: [
    { name: '360p', from: 'copy' },
    { name: '180p', from: 180 },
    { name: 'audio', from: 'audio' },
  ],
})
await encoder.ended
server.presentation.end()
console.log(server.delays())
directory.remove()
setTimeout(() => void server.close(), 5000)
