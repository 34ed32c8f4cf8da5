import type { Plugin } from 'vite'

/** Controllers of hls.js that nowcast does not use, by name without the suffix `Controller`. */
const unusedControllers = [
  'subtitleStream',
  'subtitleTrack',
  'timeline',
  'eme',
  'iframe',
  'interstitials',
  'fps',
]

/** Lines of hls.js 1.7.4 that reference unused code, and their replacements. */
const cuts: [line: RegExp, replacement: string][] = [
  ...unusedControllers.map((name): [RegExp, string] => [
    new RegExp(`^ {2}${name}Controller: [A-Z]\\w+ ?(,?)$`, 'm'),
    `  ${name}Controller: undefined$1`,
  ]),
  [/^EMEController\.CDMCleanupPromise = void 0;$/m, ''],
  [
    /^const muxConfig = \[\{\n {2}demux: MP4Demuxer,\n {2}remux: PassThroughRemuxer\n\}.*?\];$/ms,
    'const muxConfig = [{ demux: MP4Demuxer, remux: PassThroughRemuxer }];',
  ],
  [/^ {2}muxConfig\.splice\(2, 0, \{\n {4}demux: AC3Demuxer,\n {4}remux: MP4Remuxer\n {2}\}\);$/m, ''],
  [/chunkMeta\.iframe && initSegmentData && TSDemuxer\.probe\(initSegmentData, this\.logger\)/, 'false'],
]

/**
 * Removes from hls.js what nowcast never uses: subtitles, DRM, interstitials, and containers other than
 * fragmented MP4. hls.js becomes a third smaller, so browsers load and parse it sooner. The light build of
 * hls.js is no alternative, because it does not support alternate audio.
 */
export function leanHls(): Plugin {
  return {
    name: 'lean-hls',
    transform: {
      filter: { id: /\/hls\.js\/dist\/hls\.mjs$/ },
      handler(source) {
        const code = cuts.reduce((rest, [line, replacement]) => {
          // An update of hls.js may change these lines. The build then fails until the cuts are adapted.
          if (!line.test(rest)) throw new Error(`hls.js has changed: it does not contain ${line}`)
          return rest.replace(line, replacement)
        }, source)
        return { code, map: null }
      },
    },
  }
}
