import type { Page } from 'playwright-core'
import { clockColumns, clockModulus, clockRows } from './clock-picture.ts'

/** A presented frame, as `requestVideoFrameCallback` reports it. */
export interface LoggedFrame {
  /** Unix time at which the page learned that the frame was presented, ms. */
  at: number
  /** Glass-to-glass latency, ms; -1 when the clock is unreadable, null when it was not read. */
  ageMs: number | null
  /** Height of the picture, pixels. It shows which rendition this is. */
  height: number
  /** Playback rate of the video element when the frame was presented. */
  rate: number
}

/** What a page showed. Times are Unix times, ms. */
export interface FrameLog {
  /** When the navigation began. */
  navigated: number
  /** When the document was created. */
  opened: number
  /** When the first frame was presented; 0 if there is none yet. */
  first: number
  frames: LoggedFrame[]
}

/** Minimum time without a new frame that counts as a stall, ms. */
export const stallMs = 250

declare global {
  interface Window {
    nowcastFrames: FrameLog
  }
}

/**
 * Logs the frames of the page's first `<video>` from the next navigation on. The clock is read in one of
 * `clockEvery` frames, because reading costs CPU time.
 */
export const installFrameLog = (page: Page, clockEvery = 1): Promise<unknown> =>
  page.addInitScript(readFrames, {
    columns: clockColumns,
    rows: clockRows,
    modulus: clockModulus,
    clockEvery,
  })

/** Waits for the first frame. Rejects when there is none within 30 s. */
export const untilFirstFrame = (page: Page) =>
  page.waitForFunction(() => window.nowcastFrames.first > 0, undefined, { timeout: 30_000 })

export const frameLogOf = (page: Page): Promise<FrameLog> => page.evaluate(() => window.nowcastFrames)

interface Clock {
  columns: number
  rows: number
  modulus: number
  clockEvery: number
}

/**
 * Logs the frames. Playwright runs it inside the page, before the page's own scripts, so it cannot use
 * anything else of this file.
 */
function readFrames({ columns, rows, modulus, clockEvery }: Clock) {
  const log: FrameLog = { navigated: performance.timeOrigin, opened: Date.now(), first: 0, frames: [] }
  window.nowcastFrames = log
  const width = 160
  const height = 90
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })

  function read(): number {
    const data = context?.getImageData(0, 0, width, height).data
    if (!data) return -1
    const words: number[] = []
    for (let row = 0; row < rows; row++) {
      let word = 0
      for (let column = 0; column < columns; column++) {
        const x = Math.floor((width * (column + 0.5)) / columns)
        const y = Math.floor((height * (row + 0.5)) / (2 * rows))
        const at = 4 * (y * width + x)
        word = word * 2 + ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0) > 384 ? 1 : 0)
      }
      words.push(word)
    }
    const [high = 0, low = 0, check = 0] = words
    return (high ^ low) === check ? high * 65_536 + low : -1
  }

  function attach(video: HTMLVideoElement) {
    const age = (now: number) => {
      context?.drawImage(video, 0, 0, width, height)
      const clock = read()
      return clock < 0 ? -1 : ((now % modulus) - clock + modulus) % modulus
    }
    const onFrame = (_: number, frame: VideoFrameCallbackMetadata) => {
      const now = Date.now()
      log.first ||= now
      const ageMs = log.frames.length % clockEvery === 0 ? age(now) : null
      log.frames.push({ at: now, ageMs, height: frame.height, rate: video.playbackRate })
      video.requestVideoFrameCallback(onFrame)
    }
    video.requestVideoFrameCallback(onFrame)
  }

  const timer = setInterval(() => {
    const video = document.querySelector('video')
    if (!video) return
    clearInterval(timer)
    attach(video)
  }, 10)
}
