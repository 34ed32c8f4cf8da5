/**
 * Names a page to the edge while it is open: 96 bits by chance, kept nowhere, told to nobody else. `crypto.randomUUID` is
 * not there on pages without TLS.
 */
export const createViewerId = () =>
  Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join('-')
