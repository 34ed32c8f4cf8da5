import { type Browser, chromium } from 'playwright-core'

/** Starts headless Chromium: the program in `NOWCAST_CHROMIUM`, or that of the system. */
export const launchChromium = (more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      ...more,
    ],
  })

const chromiumPath = () => process.env.NOWCAST_CHROMIUM ?? '/usr/bin/chromium'
