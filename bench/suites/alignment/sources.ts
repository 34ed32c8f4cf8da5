import type { SourceFileOptions } from '../../stand/source-file.ts'

/** A source that makes it difficult to align renditions. */
export interface AlignmentSource {
  name: string
  file: SourceFileOptions
  /** Length of the file, after which it is repeated, ms. */
  loopMs: number
}

const common = { size: '320x180', kbps: 400 } satisfies SourceFileOptions
/**
 * Options for a keyframe every 1.6 s, or at the next frame after that. So a GOP of irregular frames stays
 * shorter than a segment.
 */
const keyframes = ['-force_key_frames', 'expr:gte(t,n_forced*1.6)']
const irregular = "noise=alls=40:allf=t,select='gt(mod(n*n*7+n*3\\,11)\\,3)+not(mod(n\\,480))'"
const cuts = ['-force_key_frames', '0,1.1,1.6,2.9,4.4,4.9,6.8,8.1,9.9,10.6,12.0,13.7,14.2,15.3']

export const alignmentSources: readonly AlignmentSource[] = [
  { name: '30 fps, GOP 2 s', file: common, loopMs: 16_000 },
  { name: '30 fps, 3 B-frames', file: { ...common, bFrames: 3 }, loopMs: 16_000 },
  { name: '29.97 fps, 2 B-frames', file: { ...common, fps: '30000/1001', bFrames: 2 }, loopMs: 16_016 },
  {
    name: '60 fps, 2 B-frames',
    file: { ...common, fps: '60', frames: 960, gopFrames: 120, bFrames: 2 },
    loopMs: 16_000,
  },
  {
    name: 'variable frame rate',
    file: { ...common, filter: irregular, gopFrames: 600, isVariable: true, more: keyframes },
    loopMs: 16_000,
  },
  {
    name: 'variable frame rate, 2 B-frames',
    file: {
      ...common,
      filter: irregular,
      gopFrames: 600,
      isVariable: true,
      bFrames: 2,
      more: keyframes,
    },
    loopMs: 16_000,
  },
  { name: 'irregular keyframes', file: { ...common, gopFrames: 600, more: cuts }, loopMs: 16_000 },
  { name: 'GOP 8 s, all encoded', file: { ...common, gopFrames: 240, bFrames: 2 }, loopMs: 16_000 },
]
