/**
 * Age of a response in ms, sent by one edge to another. The whole seconds of `Age`, cut off at each edge,
 * would add up to an error.
 */
export const exactAgeHeader = 'nowcast-age-ms'
