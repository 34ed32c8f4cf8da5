import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { readProblems, writeProblems } from '../../core/api/problem.ts'
import {
  CreatedWebhookBody,
  DeliveryBody,
  DeliveryListPage,
  DeliveryParams,
  DeliveryQuery,
  NewWebhookBody,
  ResendBody,
  ResendQuery,
  WebhookBody,
  WebhookChangesBody,
  WebhookListBody,
  WebhookParams,
  WebhookSecretBody,
} from '../../core/api/webhook.ts'
import { timeOf } from '../http/request-parsing.ts'
import type { WebhookService } from '../webhooks/webhook-service.ts'

const tags = ['events']

type WebhookRoutes = FastifyPluginAsyncTypebox<{ service: WebhookService }>

/** Serves `/webhooks` and what is below it, with the prefix `/v1`. */
export const webhookRoutes: WebhookRoutes = async (app, options) => {
  // Two of the responses contain a secret, which no cache may store (RFC 9111, section 5.2.2.5).
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  await app.register(collectionRoutes, options)
  await app.register(itemRoutes, options)
  await app.register(deliveryRoutes, options)
}

const collectionRoutes: WebhookRoutes = async (app, { service }) => {
  app.post(
    '/webhooks',
    {
      config: { permission: 'webhooks:write', audit: 'webhook.create' },
      schema: {
        tags,
        summary: 'Create a webhook; its secret is shown only here',
        body: NewWebhookBody,
        response: { 201: CreatedWebhookBody, ...writeProblems('webhook_url_refused', 'too_many_webhooks') },
      },
    },
    async ({ body }, reply) => {
      const webhook = await service.create(body)
      return reply.code(201).header('location', `/v1/webhooks/${webhook.id}`).send(webhook)
    },
  )

  app.get(
    '/webhooks',
    {
      config: { permission: 'webhooks:read' },
      schema: { tags, summary: 'List all webhooks', response: { 200: WebhookListBody, ...readProblems() } },
    },
    () => service.list(),
  )
}

const itemRoutes: WebhookRoutes = async (app, { service }) => {
  const params = WebhookParams

  app.get(
    '/webhooks/:id',
    {
      config: { permission: 'webhooks:read' },
      schema: {
        tags,
        summary: 'Get a webhook',
        params,
        response: { 200: WebhookBody, ...readProblems('webhook_not_found') },
      },
    },
    ({ params }) => service.get(params.id),
  )

  app.patch(
    '/webhooks/:id',
    {
      config: { permission: 'webhooks:write', audit: 'webhook.change' },
      schema: {
        tags,
        summary: 'Change a webhook; enabling it also attempts what is pending',
        params,
        body: WebhookChangesBody,
        response: { 200: WebhookBody, ...writeProblems('webhook_not_found', 'webhook_url_refused') },
      },
    },
    ({ params, body }) => service.change(params.id, body),
  )

  app.delete(
    '/webhooks/:id',
    {
      config: { permission: 'webhooks:write', audit: 'webhook.delete' },
      schema: {
        tags,
        summary: 'Delete a webhook and its deliveries',
        params,
        response: { 204: Type.Null({ description: 'deleted' }), ...writeProblems('webhook_not_found') },
      },
    },
    async ({ params }, reply) => {
      await service.remove(params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/webhooks/:id/secret',
    {
      config: { permission: 'webhooks:write', audit: 'webhook.secret' },
      schema: {
        tags,
        summary: 'Replace the secret, which is shown only here; the previous one signs too for a day',
        params,
        response: { 200: WebhookSecretBody, ...writeProblems('webhook_not_found') },
      },
    },
    ({ params }) => service.rotate(params.id),
  )
}

const deliveryRoutes: WebhookRoutes = async (app, { service }) => {
  app.get(
    '/webhooks/:id/deliveries',
    {
      config: { permission: 'webhooks:read' },
      schema: {
        tags,
        summary: 'List the deliveries of a webhook, newest first; they are kept for 30 days',
        params: WebhookParams,
        querystring: DeliveryQuery,
        response: { 200: DeliveryListPage, ...readProblems('webhook_not_found', 'bad_cursor') },
      },
    },
    ({ params, query }) => service.deliveries(params.id, query.state, query.limit ?? 50, query.cursor),
  )

  app.post(
    '/webhooks/:id/deliveries/:deliveryId/resend',
    {
      config: { permission: 'webhooks:write', audit: 'webhook.resend' },
      schema: {
        tags,
        summary: 'Send the event of a delivery again',
        params: DeliveryParams,
        response: {
          202: DeliveryBody,
          ...writeProblems('webhook_not_found', 'delivery_not_found', 'webhook_disabled'),
        },
      },
    },
    async ({ params }, reply) => reply.code(202).send(await service.resend(params.id, params.deliveryId)),
  )

  app.post(
    '/webhooks/:id/resend',
    {
      config: { permission: 'webhooks:write', audit: 'webhook.resend' },
      schema: {
        tags,
        summary: 'Send again, in order, what happened since a time; up to 5000 events a call',
        params: WebhookParams,
        querystring: ResendQuery,
        response: {
          202: ResendBody,
          ...writeProblems('webhook_not_found', 'webhook_disabled', 'bad_cursor'),
        },
      },
    },
    async ({ params, query }, reply) =>
      reply.code(202).send(await service.resendSince(params.id, timeOf(query.since), query.after)),
  )
}
