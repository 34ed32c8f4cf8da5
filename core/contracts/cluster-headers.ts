/**
 * Header with the age of a response, ms, for an edge that fetches from a shield. The standard header `Age`
 * has whole seconds, so each edge on the way would lose a fraction of a second.
 */
export const exactAgeHeader = 'nowcast-age-ms'
