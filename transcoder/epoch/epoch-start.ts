export interface EpochStart {
  /**
   * Presentation time of the first frame, ms. For an epoch that is still to begin, the earliest possible one.
   */
  fromMs: number
  /** Whether the epoch begins with a keyframe of the source, or with a frame of audio if it has no video. */
  isAtKeyframe: boolean
}
