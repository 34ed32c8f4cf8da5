import { type Browser, chromium } from 'playwright-core'

/** Starts the Chromium of the system, headless and without background traffic. */
export const launchChromium = (): Promise<Browser> =>
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
    ],
  })

const chromiumPath = () => process.env.NOWCAST_CHROMIUM ?? '/usr/bin/chromium'
