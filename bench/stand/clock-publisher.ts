import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { createClockDrawer } from './clock-picture.ts'

export interface ClockPublisherOptions {
  /** RTMP URL with the stream key. */
  url: string
  width?: number
  height?: number
  fps?: number
  kbps?: number
  audioKbps?: number
  gopSeconds?: number
  /** Maximum duration of the stream, seconds. `stop` ends it earlier. */
  seconds: number
}

export interface ClockPublisher {
  /** Unix time at which the first frame was due, ms. */
  firstFrameAt: number
  /** Resolves when ffmpeg has exited: at the end of the stream, after `stop`, or because it failed. */
  closed: Promise<void>
  stop(): Promise<void>
  /** Sends a signal to ffmpeg. SIGKILL cuts the connection without notice, SIGSTOP leaves it half open. */
  kill(signal: NodeJS.Signals): void
}

/** Publishes a stream with the wall clock in every frame. ffmpeg encodes it with x264's `zerolatency`. */
export function publishClock(options: ClockPublisherOptions): ClockPublisher {
  const { url, width = 640, height = 360, fps = 30, kbps = 1500, audioKbps = 128, seconds } = options
  const { gopSeconds = 2 } = options
  const gop = String(Math.round(gopSeconds * fps))
  const rawVideo = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p']
  const size = ['-video_size', `${width}x${height}`, '-framerate', `${fps}`]
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p']
  const rate = ['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`]
  const keyframes = ['-g', gop, '-keyint_min', gop, '-sc_threshold', '0']
  const sound = ['-c:a', 'aac', '-b:a', `${audioKbps}k`, '-shortest']
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin', ...rawVideo, ...size, '-i', 'pipe:0'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
      ...[...encode, ...rate, ...keyframes, ...sound, '-f', 'flv', '-flvflags', 'no_duration_filesize', url],
    ],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  )
  const input = ffmpeg.stdin
  input.on('error', () => {})
  const exited = once(ffmpeg, 'exit')
  const ending = new AbortController()
  void exited.then(() => ending.abort())
  const firstFrameAt = Date.now()

  async function feed() {
    const draw = createClockDrawer(width, height)
    const frame = new Uint8Array((width * height * 3) / 2).fill(128)
    for (let n = 0; n < seconds * fps && !ending.signal.aborted; n++) {
      const wait = firstFrameAt + (n * 1000) / fps - Date.now()
      if (wait > 0) await delay(wait)
      draw(frame, Date.now(), n)
      // The next picture overwrites `frame`, so wait until all of it is in the pipe.
      if (!input.write(frame))
        await Promise.race([once(input, 'drain', { signal: ending.signal }).catch(() => {}), exited])
    }
    input.end()
    await exited
  }

  return {
    firstFrameAt,
    closed: feed(),
    kill: (signal) => void ffmpeg.kill(signal),
    async stop() {
      ending.abort()
      ffmpeg.kill('SIGINT')
      ffmpeg.kill('SIGCONT')
      await exited
    },
  }
}
