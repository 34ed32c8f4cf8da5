/** One coded frame. Times are in ticks of the track's timescale. */
export interface Sample {
  dts: number
  duration: number
  /** Presentation time minus decode time; it may be negative. */
  compositionOffset: number
  isSync: boolean
  data: Buffer
}
