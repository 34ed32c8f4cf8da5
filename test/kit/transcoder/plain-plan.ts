import type { TranscodePlan } from '../../../transcoder/plan/plan.ts'

/** A plan with one rendition that is passed through, one that is encoded, and nothing special. */
export const plainPlan: TranscodePlan = {
  video: [
    { name: '720p', width: 1280, height: 720, bitrate: null },
    { name: '240p', width: 426, height: 240, bitrate: 300_000 },
  ],
  omitted: [],
  audio: 'passed',
  hasSurround: false,
  fps: 25,
  keyframes: 'source',
  picture: { deinterlaces: false, mapsTones: false, frameStep: 1, isIntraOnly: false },
}
