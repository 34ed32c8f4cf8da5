import { placeUrl } from '../../core/contracts/public-place.ts'
import type { Exchange } from '../http/exchange.ts'
import { type MediaObject, withBody } from '../objects/media-object.ts'
import type { RosterWatch } from './roster-watch.ts'
import { addSteering } from './steering-tag.ts'

/** Differently steered forms of one playlist that are kept: by the host name that viewers use. Those with a token are of one viewer each. */
const keptForms = 16

/** A channel that is open to all takes anything for a token, also what would break out of an attribute. */
const tokenExpression = /^[A-Za-z0-9._-]{1,2048}$/

export type Steer = (exchange: Exchange, object: MediaObject) => MediaObject

/**
 * Gives viewers the multivariant playlist with content steering, as long as there is another edge to go to. The steering server learns what
 * it needs to make the same playlist's URIs for other edges: the session, the edge that they are to replace, and the token in them.
 */
export function createSteer(roster: Pick<RosterWatch, 'steering'>, pathway: string): Steer {
  const forms = new WeakMap<MediaObject, Map<string, MediaObject>>()

  return function steer(exchange, object) {
    const place = object.class === 'multivariant' ? roster.steering : undefined
    if (place === undefined) return object
    const token = tokenExpression.test(exchange.token) ? `&token=${exchange.token}` : ''
    const query = `session=${object.sessionId}&from=${pathway}${token}`
    const serverUri = `${placeUrl(place, hostOf(exchange))}/steering/${object.slug}?${query}`
    const known = forms.get(object) ?? new Map<string, MediaObject>()
    const found = known.get(serverUri)
    if (found !== undefined) return found
    const text = addSteering(object.plain.body.toString(), { serverUri, pathway })
    const steered = withBody(object, Buffer.from(text))
    if (token === '' && known.size < keptForms) forms.set(object, known.set(serverUri, steered))
    return steered
  }
}

/** HTTP/2 has it in a field of its own (RFC 9113 8.3.1). */
function hostOf({ headers }: Exchange): string | undefined {
  const authority = headers[':authority']
  return headers.host ?? (typeof authority === 'string' ? authority : undefined)
}
