import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../../test/kit/ports.ts'
import { startProcess } from '../../test/kit/processes.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { waitFor } from '../../test/kit/wait-for.ts'

/** Returns the version of MediaMTX; undefined when it cannot be run. */
export function mediaMtxVersion(): string | undefined {
  try {
    return execFileSync('mediamtx', ['--version'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/** Protocols that are off where a server needs none of them, beside RTMP and HLS. */
const extraProtocols = ['rtsp', 'webrtc', 'srt', 'moq', 'api', 'metrics', 'pprof', 'playback']

/** Returns the lines of a configuration that switch off these protocols and `more`. */
export const switchedOff = (...more: readonly string[]): string[] =>
  [...extraProtocols, ...more].map((name) => `${name}: no`)

interface MediaMtxOptions {
  /** Core of the server, any by default. */
  core?: string
  /** Further lines of the configuration. */
  more?: readonly string[]
}

/**
 * Starts MediaMTX with RTMP and Low-Latency HLS; all its other protocols are off. It packages each stream
 * from the start, not from the first viewer on.
 */
export async function startMediaMtx({ core, more = [] }: MediaMtxOptions = {}) {
  const dir = makeTempDir()
  const [rtmp, hls] = await freePorts(2)
  const configFile = join(dir.path, 'mediamtx.yml')
  const config = [
    ...more,
    ...['logLevel: warn', ...switchedOff()],
    ...[`rtmp: yes`, `rtmpAddress: 127.0.0.1:${rtmp}`],
    ...['hls: yes', `hlsAddress: 127.0.0.1:${hls}`, 'hlsAlwaysRemux: yes', 'hlsVariant: lowLatency'],
    ...['paths:', '  all_others:', ''],
  ].join('\n')
  writeFileSync(configFile, config)
  const command = ['mediamtx', configFile]
  const [program = '', ...args] = core === undefined ? command : ['taskset', '-c', core, ...command]
  const server = startProcess(program, args, { cwd: dir.path })
  const hlsUrl = `http://127.0.0.1:${hls}`
  await waitFor('MediaMTX to listen', async () => (await fetch(hlsUrl)).status > 0)
  return {
    rtmpUrl: `rtmp://127.0.0.1:${rtmp}/live`,
    /** Returns the URL of the multivariant playlist of a stream. */
    playlistUrl: (stream: string) => `${hlsUrl}/live/${stream}/index.m3u8`,
    pid: server.pid,
    config,
    lines: server.lines,
    async stop() {
      await server.stop()
      dir.remove()
    },
  }
}
