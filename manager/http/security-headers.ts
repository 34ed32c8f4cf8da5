import type { FastifyHelmetOptions } from '@fastify/helmet'

/** What answers that are no pages may do in a browser: nothing. */
export const helmetOptions: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  // Plain HTTP is the default here; whoever puts TLS in front adds it there.
  strictTransportSecurity: false,
  // The watch page plays from the edge, which is another origin.
  crossOriginEmbedderPolicy: false,
}

/**
 * Content-Security-Policy (CSP level 3) of our pages: own scripts only, by address or by hash in
 * `scriptSources`; media and playlists from the edges too; hls.js
 * plays through blob: URLs and works in a blob: worker; the player controls style themselves inline.
 */
export function pagePolicy(edgeUrls: readonly string[], scriptSources: readonly string[]): string {
  const edges = [...new Set(edgeUrls.map((url) => new URL(url).origin))].join(' ')
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scriptSources].join(' '),
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `media-src 'self' blob: ${edges}`,
    `connect-src 'self' ${edges}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ')
}

/** Policy of the API's documentation. */
export const docsPolicy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
