/** One coded frame. Times are in the track's timescale. */
export interface Sample {
  dts: number
  duration: number
  /** Presentation time minus decode time; may be negative. */
  compositionOffset: number
  isSync: boolean
  data: Buffer
}
