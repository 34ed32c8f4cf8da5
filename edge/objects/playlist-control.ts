/**
 * Returns Cache-Control for a playlist that answers a blocking reload, from that of the origin. Caches on the
 * way may keep it as long as the origin says, but a browser may not: video.js repeats a reload when a segment
 * ends, and needs a newer playlist then.
 */
export const heldControl = (control: string): string =>
  control.includes('s-maxage=') ? control : control.replace(/\bmax-age=(\d+)/, 's-maxage=$1, max-age=0')

/** Returns Cache-Control for a playlist without directives: `control` with `max-age` as the only lifetime. */
export const plainControl = (control: string, seconds: number): string =>
  control.replace(/\bs-maxage=\d+, */, '').replace(/\bmax-age=\d+/, `max-age=${seconds}`)
