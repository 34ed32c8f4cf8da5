import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyInstance, FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { ChannelBody, ChannelParams } from '../../core/api/channel.ts'
import { IfMatch } from '../../core/api/common.ts'
import { readProblems, writeProblems } from '../../core/api/problem.ts'
import { SlateContent } from '../../core/api/slate.ts'
import {
  maxSlateBytes,
  type SlateMediaType,
  slateMediaTypes,
  slatePath,
} from '../../core/contracts/slate-file.ts'
import { isFromCluster } from '../../core/process/http-server.ts'
import { tagsOf } from '../http/entity-tag.ts'
import { Problem } from '../http/problem.ts'
import type { SlateService } from '../slates/slate-service.ts'
import type { SlateStore } from '../store/slates.ts'

const tags = ['channels']
const path = '/channels/:slug/slate'

type SlateRoutes = FastifyPluginAsyncTypebox<{ service: SlateService }>

/** Serves `/channels/{slug}/slate` below the prefix `/v1`. */
export const slateRoutes: SlateRoutes = async (app, options) => {
  const { service } = options
  await app.register(uploadRoute, options)

  app.get(
    path,
    {
      config: { permission: 'channels:read' },
      schema: {
        tags,
        summary: 'Get the file of the slate',
        params: ChannelParams,
        response: {
          200: { description: 'the file', ...SlateContent },
          ...readProblems('channel_not_found', 'slate_not_found'),
        },
      },
    },
    async ({ params }, reply) => {
      const { mediaType, content, sha256 } = await service.read(params.slug)
      return reply.type(mediaType).header('etag', `"${sha256}"`).send(content)
    },
  )

  app.delete(
    path,
    {
      config: { permission: 'slates:write', audit: 'channel.slate_remove' },
      schema: {
        tags,
        summary: 'Remove the slate',
        params: ChannelParams,
        headers: IfMatch,
        response: {
          204: Type.Null({ description: 'removed' }),
          ...writeProblems('channel_not_found', 'slate_not_found', 'precondition_failed'),
        },
      },
    },
    async ({ params, headers }, reply) => {
      await service.remove(params.slug, tagsOf(headers['if-match']))
      return reply.code(204).send(null)
    },
  )
}

/** A plugin of its own, because its parsers of bodies apply to all routes of a plugin. */
const uploadRoute: SlateRoutes = async (app, { service }) => {
  acceptSlatesOnly(app)

  app.put(
    path,
    {
      bodyLimit: maxSlateBytes,
      config: { permission: 'slates:write', audit: 'channel.slate_set' },
      schema: {
        tags,
        summary:
          'Set the slate: a picture or clip that viewers see while a session waits for its publisher; it applies from the next publish',
        params: ChannelParams,
        body: SlateContent,
        response: { 200: ChannelBody, ...writeProblems('channel_not_found', 'slate_unusable') },
      },
    },
    ({ params, body, headers, host }) =>
      service.put(params.slug, mediaTypeOf(headers['content-type']), body as Buffer | undefined, host),
  )
}

const allowedTypes = slateMediaTypes.join(', ')

/** Makes the media types of slates the only ones of bodies in this plugin. */
function acceptSlatesOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser([...slateMediaTypes], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.setErrorHandler((error: FastifyError) => {
    if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') throw wrongType()
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      throw new Problem('body_too_large', `A slate has at most ${maxSlateBytes / 1024 / 1024} MiB`)
    throw error
  })
}

const wrongType = () =>
  new Problem('unsupported_media_type', `The content-type must be one of ${allowedTypes}`)

/** Returns the media type of a body without its parameters. @throws Problem `unsupported_media_type` */
function mediaTypeOf(contentType = ''): SlateMediaType {
  const essence = contentType.split(';', 1)[0]?.trim().toLowerCase()
  const mediaType = slateMediaTypes.find((each) => each === essence)
  if (mediaType === undefined) throw wrongType()
  return mediaType
}

const sha256Expression = /^[\da-f]{64}$/

export interface SlateFileDependencies {
  slates: Pick<SlateStore, 'bySha256'>
  /** Key of the cluster with which transcoders read slates. */
  sourceKey: string
}

/** Serves the files of slates to transcoders. */
export const slateFileRoutes: FastifyPluginAsync<SlateFileDependencies> = async (
  app,
  { slates, sourceKey },
) => {
  app.get<{ Params: { sha256: string } }>(
    slatePath(':sha256'),
    { schema: { hide: true } },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      if (!isFromCluster(request.raw, sourceKey))
        return reply.code(401).type('text/plain; charset=utf-8').send('unauthorized\n')
      const { sha256 } = request.params
      const file = sha256Expression.test(sha256) ? await slates.bySha256(sha256) : undefined
      return file === undefined ? reply.callNotFound() : reply.type(file.mediaType).send(file.content)
    },
  )
}
