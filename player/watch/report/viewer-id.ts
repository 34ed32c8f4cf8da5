/**
 * Returns the ID by which edges recognize the requests of a page as one viewer's: 96 random bits, valid while
 * the page is open, stored nowhere and sent to edges only. `crypto.randomUUID` does not exist on pages
 * without TLS.
 */
export const createViewerId = () =>
  Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join('-')
