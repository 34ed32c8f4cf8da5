import { type Static, Type } from 'typebox'
import { pathwayPattern } from '../contracts/edge-roster.ts'
import { SessionId, Slug } from './common.ts'

export const SteeringParams = Type.Object({ slug: Slug('the channel') })

const Pathway = (description: string) => Type.Optional(Type.String({ pattern: pathwayPattern, description }))

/**
 * Query of a steering request. The player adds `_HLS_pathway`. The other parameters come from the edge, which
 * puts them into the steering URI of a multivariant playlist.
 */
export const SteeringQuery = Type.Object({
  session: Type.Optional(SessionId('the session whose multivariant playlist the player has')),
  from: Pathway('the edge that delivered that playlist'),
  token: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9._-]{1,2048}$', description: 'the playback token in its URLs' }),
  ),
  _HLS_pathway: Pathway('the edge that the player uses now'),
})

const Uris = Type.Record(Type.String(), Type.String())

/** Another edge, with the URIs of its playlists (RFC 8216bis 7.3). */
const PathwayCloneBody = Type.Object({
  'BASE-ID': Type.String(),
  ID: Type.String(),
  'URI-REPLACEMENT': Type.Object({ 'PER-VARIANT-URIS': Uris, 'PER-RENDITION-URIS': Uris }),
})

/** The steering manifest (RFC 8216bis 7.2). */
export const SteeringBody = Type.Object({
  VERSION: Type.Literal(1),
  TTL: Type.Integer({ description: 'time until the next request, s' }),
  'RELOAD-URI': Type.String(),
  'PATHWAY-PRIORITY': Type.Array(Type.String(), { description: 'edges, the preferred one first' }),
  'PATHWAY-CLONES': Type.Array(PathwayCloneBody),
})

export type PathwayClone = Static<typeof PathwayCloneBody>
export type SteeringManifest = Static<typeof SteeringBody>
