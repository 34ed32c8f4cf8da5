export interface EpochStart {
  /**
   * Presentation time of the first frame, ms. For an epoch that is still to begin, the earliest possible one.
   */
  fromMs: number
  /** Whether the first frame is a keyframe of the source. Otherwise nothing can be passed through. */
  isAtKeyframe: boolean
}
