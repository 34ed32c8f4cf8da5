import { type Browser, chromium } from 'playwright-core'

/**
 * Starts headless Chromium: the program in `NOWCAST_CHROMIUM`, or that of the system. By default it is closed
 * and this process ends at SIGINT, SIGTERM and SIGHUP; without `endsAtSignals` that is up to the caller.
 */
export const launchChromium = (more: readonly string[] = [], endsAtSignals = true): Promise<Browser> =>
  chromium.launch({
    handleSIGINT: endsAtSignals,
    handleSIGTERM: endsAtSignals,
    handleSIGHUP: endsAtSignals,
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
