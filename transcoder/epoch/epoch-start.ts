/** Where an epoch begins. */
export interface EpochStart {
  /** Presentation time of its first frame, or the earliest that it can have, ms. */
  fromMs: number
  /** Whether the first frame is a keyframe of the source. Otherwise all video is encoded. */
  isAtKeyframe: boolean
}
