import type { FastifyInstance } from 'fastify'

/**
 * Security headers of all responses. The policy lets a browser load and run nothing in a response; pages and
 * the documentation replace it by their own. There is no `Strict-Transport-Security`, because the manager
 * speaks plain HTTP: a proxy that adds TLS can set it. There is no `Cross-Origin-Embedder-Policy`, because
 * the watch page plays media from the edge, which is another origin.
 */
const securityHeaders = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
}

export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders)
    done()
  })
}

/**
 * Returns the Content-Security-Policy (CSP level 3) of the pages. Scripts come from the manager, or are
 * allowed by a hash in `scriptSources`. Media, pictures, playlists and content steering also come from the
 * origins of `edgeUrls`. hls.js plays through blob: URLs and works in a blob: worker, and the player controls
 * set inline styles.
 */
export function pagePolicy(edgeUrls: readonly string[], scriptSources: readonly string[]): string {
  const edges = [...new Set(edgeUrls.map((url) => sourceOf(new URL(url))))].join(' ')
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scriptSources].join(' '),
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: blob: ${edges}`,
    "font-src 'self' data:",
    `media-src 'self' blob: ${edges}`,
    `connect-src 'self' ${edges}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ')
}

/**
 * Returns the CSP source of a URL. Sources cannot contain IPv6 addresses (CSP level 3 2.3.1), and browsers
 * ignore those that do. So an IPv6 address is replaced by any host at its port.
 */
const sourceOf = ({ origin, hostname }: URL) =>
  hostname.startsWith('[') ? origin.replace(hostname, '*') : origin

/** Content-Security-Policy of the API's documentation. Swagger UI uses inline styles and data: images. */
export const docsPolicy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
