import type { Plugin } from 'vite'

/** Controllers of hls.js for what nowcast has not got. */
const unusedControllers = [
  'subtitleStream',
  'subtitleTrack',
  'timeline',
  'eme',
  'iframe',
  'interstitials',
  'fps',
]

/** Lines of hls.js 1.7.4 that hold on to what is not used, and what stands there instead. */
const cuts: [place: RegExp, replacement: string][] = [
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
 * Leaves out of hls.js what can never play here: subtitles, DRM, interstitials, containers other than fragmented MP4. A
 * third less to fetch and to read before the first frame. The light build of hls.js has no alternate audio.
 */
export function leanHls(): Plugin {
  return {
    name: 'lean-hls',
    transform: {
      filter: { id: /\/hls\.js\/dist\/hls\.mjs$/ },
      handler(source) {
        const code = cuts.reduce((rest, [place, replacement]) => {
          // Another version of hls.js wants another look.
          if (!place.test(rest)) throw new Error(`hls.js is not as it was: ${place} is not in it`)
          return rest.replace(place, replacement)
        }, source)
        return { code, map: null }
      },
    },
  }
}
