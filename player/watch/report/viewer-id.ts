/**
 * Returns 96 random bits as the ID by which edges recognize the requests of a page as one viewer's. The page
 * does not store it. `crypto.randomUUID` needs a secure context, which pages without TLS usually are not.
 */
export const createViewerId = () =>
  Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join('-')
