import { execFile } from 'node:child_process'

const answerTimeoutMs = 5000
/** The first version whose FLV reader knows HEVC, AV1 and VP9 in enhanced RTMP. */
const enhancedSince = [6, 1] as const

/** Whether the ffmpeg at `path` reads enhanced RTMP; false when it cannot be run. Development builds are taken to be new. */
export async function readsEnhancedRtmp(path: string): Promise<boolean> {
  const output = await new Promise<string>((resolve) => {
    execFile(path, ['-version'], { timeout: answerTimeoutMs }, (error, stdout) =>
      resolve(error ? '' : stdout),
    )
  })
  return isNewEnough(output)
}

/** Reads the first line of `ffmpeg -version`. */
export function isNewEnough(output: string): boolean {
  const [, name] = /^ffmpeg version (\S+)/.exec(output) ?? []
  if (name === undefined) return false
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(name) ?? []
  if (major === undefined) return /^N-\d+/.test(name)
  const [leastMajor, leastMinor] = enhancedSince
  return Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor) >= leastMinor)
}
