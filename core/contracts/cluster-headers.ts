/**
 * Header with the age of a response in ms, which edges read from a shield. `Age` has whole seconds, so each
 * edge would lose a fraction.
 */
export const exactAgeHeader = 'nowcast-age-ms'
