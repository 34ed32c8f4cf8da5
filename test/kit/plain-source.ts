/** Fields of video that needs no conversion: square pixels, 8-bit 4:2:0, progressive, SDR. */
export const plainPicture = {
  pixelAspect: 1,
  bitDepth: 8,
  chroma: '4:2:0',
  isInterlaced: false,
  transfer: 'sdr',
} as const

/** Fields of a source in which ingest has found no fault. */
export const plainFacts = { clockCorrections: {}, ignoredTracks: [], isNearBitrateLimit: false }
