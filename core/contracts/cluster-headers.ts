/**
 * Header with the age of a response in ms, sent by one edge to another. `Age` has whole seconds: the
 * fractions lost at each edge would add up.
 */
export const exactAgeHeader = 'nowcast-age-ms'
