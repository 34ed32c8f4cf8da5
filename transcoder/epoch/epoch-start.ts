export interface EpochStart {
  /** Earliest presentation time of the first frame, ms. */
  fromMs: number
}
