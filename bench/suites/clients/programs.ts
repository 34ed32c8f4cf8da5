import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { switchedOff } from '../../stand/mediamtx.ts'

/** A program that plays HLS without a browser. */
export interface ClientProgram {
  name: string
  /** Command that must be on the PATH. */
  command: string
  /** Arguments with which it plays `url` in real time and shows nothing. `dir` is an empty folder for it. */
  args(url: string, dir: string): string[]
  /** Whether it refuses to run as root. */
  isForUsers?: boolean
}

/** Programs that play HLS, each as its documentation says. */
export const clientPrograms: readonly ClientProgram[] = [
  {
    name: 'FFmpeg',
    command: 'ffmpeg',
    args: (url) => ['-nostdin', '-v', 'error', '-i', url, '-c', 'copy', '-f', 'null', '-'],
  },
  {
    name: 'mpv',
    command: 'mpv',
    args: (url) => ['--no-config', '--no-terminal', '--vo=null', '--ao=null', url],
  },
  {
    name: 'VLC',
    command: 'cvlc',
    args: (url) => ['--no-interact', '--vout', 'dummy', '--aout', 'dummy', url, 'vlc://quit'],
    isForUsers: true,
  },
  {
    name: 'GStreamer',
    command: 'gst-launch-1.0',
    args: (url) => [
      'playbin3',
      `uri=${url}`,
      'video-sink=fakesink sync=true',
      'audio-sink=fakesink sync=true',
    ],
  },
  {
    name: 'MediaMTX',
    command: 'mediamtx',
    args(url, dir) {
      const file = join(dir, 'mediamtx.yml')
      const lines = [...switchedOff('rtmp', 'hls'), 'paths:', '  show:', `    source: ${url}`, '']
      writeFileSync(file, lines.join('\n'))
      return [file]
    },
  },
]

/** Whether a command is on the PATH. */
export const isInstalled = (command: string): boolean =>
  spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command], { stdio: 'ignore' }).status === 0
