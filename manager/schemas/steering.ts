import { Type } from 'typebox'
import { pathwayPattern } from '../../core/contracts/edge-roster.ts'
import { slugPattern } from '../../core/contracts/id-patterns.ts'

export const SteeringParams = Type.Object({ slug: Type.String({ pattern: slugPattern }) })

const Pathway = (description: string) => Type.Optional(Type.String({ pattern: pathwayPattern, description }))

/** What edges wrote into the URI, and what players add to it. */
export const SteeringQuery = Type.Object({
  session: Type.Optional(
    Type.String({ pattern: '^s_[A-Za-z0-9_-]{22}$', description: 'that the player has the playlist of' }),
  ),
  from: Pathway('the edge that delivered that playlist'),
  token: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9._-]{1,2048}$', description: 'the playback token in its URLs' }),
  ),
  _HLS_pathway: Pathway('the edge that the player uses now'),
})

const Uris = Type.Record(Type.String(), Type.String())

/** RFC 8216bis 7.2 */
export const SteeringBody = Type.Object({
  VERSION: Type.Literal(1),
  TTL: Type.Integer({ description: 'ask again after so long, s' }),
  'RELOAD-URI': Type.String(),
  'PATHWAY-PRIORITY': Type.Array(Type.String(), { description: 'edges, the one to use first' }),
  'PATHWAY-CLONES': Type.Array(
    Type.Object({
      'BASE-ID': Type.String(),
      ID: Type.String(),
      'URI-REPLACEMENT': Type.Object({ 'PER-VARIANT-URIS': Uris, 'PER-RENDITION-URIS': Uris }),
    }),
  ),
})
