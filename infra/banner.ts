import type { DemoChannel } from './demo-channel.ts'

export interface BannerFacts {
  demo: DemoChannel | undefined
  consoleUrl: string
  adminToken: string
  readyMs: number
}

/** What the operator sees once all is ready. */
export function bannerOf({ demo, consoleUrl, adminToken, readyMs }: BannerFacts): string {
  const lines = demo
    ? [
        ['OBS server', demo.server],
        ['stream key', demo.streamKey],
        ['watch page', demo.watchUrl],
      ]
    : []
  lines.push(['console', consoleUrl], ['admin token', adminToken])
  const rows = lines.map(([name = '', value]) => `  ${name.padEnd(12)}${value}`)
  return [
    '',
    `nowcast is ready (${(readyMs / 1000).toFixed(1)} s), Ctrl-C stops it`,
    '',
    ...rows,
    '',
    '',
  ].join('\n')
}
