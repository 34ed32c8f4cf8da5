/** Media types of the file of a slate. */
export const slateMediaTypes = ['image/png', 'image/jpeg', 'video/mp4', 'video/webm'] as const
export type SlateMediaType = (typeof slateMediaTypes)[number]

/** Maximum size of the file of a slate, bytes. */
export const maxSlateBytes = 8 * 1024 * 1024

/**
 * Returns the path at which managers send the file of a slate to transcoders, which present the cluster's
 * `sourceKey` as their bearer token. `sha256` is that of the file, lower-case hex.
 */
export const slatePath = (sha256: string) => `/slates/${sha256}`
