/** Fields of ordinary video in a `Source`. */
export const plainPicture = {
  pixelAspect: 1,
  bitDepth: 8,
  chroma: '4:2:0',
  isInterlaced: false,
  transfer: 'sdr',
} as const

/** Fields of a `Source` in which ingest found nothing unusual. */
export const plainFacts = { clockCorrections: {}, ignoredTracks: [], isNearBitrateLimit: false }
