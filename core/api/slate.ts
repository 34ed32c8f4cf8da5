import { type Static, type TSchema, Type } from 'typebox'
import { slateMediaTypes } from '../contracts/slate-file.ts'

/** Schema of a slate without its content. */
export const SlateBody = Type.Object(
  {
    sha256: Type.String({ description: 'of the file, in lower-case hex' }),
    mediaType: Type.Enum([...slateMediaTypes]),
    bytes: Type.Integer({ description: 'size of the file' }),
  },
  { title: 'Slate', description: 'what viewers see while a session waits for its publisher' },
)

export type SlateView = Static<typeof SlateBody>

/** Body whose bytes are the file itself, by media type. An empty schema describes bytes (OpenAPI 3.1). */
export const SlateContent: { content: Record<string, { schema: TSchema }> } = {
  content: Object.fromEntries(slateMediaTypes.map((type) => [type, { schema: Type.Unknown() }])),
}
