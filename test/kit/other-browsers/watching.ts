import { waitFor } from '../wait-for.ts'
import type { DrivenBrowser } from './driven-browser.ts'

/** Maximum time to wait for anything on the page, ms. It is generous, because tests share their cores. */
const timeoutMs = 60_000

/** Reads what the watch page shows. Runs in the page. */
const readPage = () => {
  const video = document.querySelector('video')
  const age = /([\d.]+) s/.exec(document.querySelector('#latency')?.textContent ?? '')?.[1]
  return {
    state: document.querySelector<HTMLElement>('#stage')?.dataset.state,
    position: video?.currentTime ?? 0,
    width: video?.videoWidth ?? 0,
    height: video?.videoHeight ?? 0,
    isPaused: video?.paused ?? true,
    /** Age of the picture, s. */
    age: age === undefined ? Number.POSITIVE_INFINITY : Number(age),
    /** Time at which the document was loaded, ms. Another one means that the page was loaded again. */
    loadedAt: performance.timeOrigin,
  }
}

export type Shown = ReturnType<typeof readPage>

/** Opens the watch page at `url`. */
export async function watchIn(browser: DrivenBrowser, url: string) {
  await browser.open(url)
  const read = () => browser.evaluate(readPage)

  /** Waits until what the page shows meets a condition. Returns it. An error has what it shows instead. */
  async function until(what: string, isMet: (shown: Shown) => boolean): Promise<Shown> {
    let last: Shown | undefined
    try {
      return await waitFor(
        what,
        async () => {
          last = await read()
          return isMet(last) && last
        },
        { timeoutMs },
      )
    } catch (cause) {
      throw new Error(`no ${what}; the page shows ${JSON.stringify(last)}`, { cause })
    }
  }

  return {
    read,
    until,
    /**
     * Waits until `seconds` of media have been played from now on. Only steps of the playhead of less than a
     * second count: it may jump to the live edge.
     */
    async untilPlayed(seconds: number): Promise<Shown> {
      let { position } = await read()
      let played = 0
      return until(`${seconds} s of playback`, (shown) => {
        const step = shown.position - position
        if (step > 0 && step < 1) played += step
        position = shown.position
        return played >= seconds
      })
    },
  }
}
