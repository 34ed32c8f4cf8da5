/** Fields of a video source that is nothing special. */
export const plainPicture = {
  pixelAspect: 1,
  bitDepth: 8,
  chroma: '4:2:0',
  isInterlaced: false,
  transfer: 'sdr',
} as const

/** Fields of a source of which nothing special is known. */
export const plainFacts = { clockCorrections: {}, ignoredTracks: [], isNearBitrateLimit: false }
