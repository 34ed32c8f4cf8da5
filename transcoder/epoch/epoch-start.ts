export interface EpochStart {
  /** Earliest presentation time of the first frame, ms. */
  fromMs: number
  /** Whether the first frame is a keyframe of the source. Otherwise no video can be passed through. */
  isAtKeyframe: boolean
}
