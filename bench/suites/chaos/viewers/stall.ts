/** Time without a moving picture. Unix times, ms. */
export interface Stall {
  /** Name of the viewer, the same in all stalls of one viewer. */
  viewer: string
  /** Slug of the channel. */
  slug: string
  from: number
  to: number
}
