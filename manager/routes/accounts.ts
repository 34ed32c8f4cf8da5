import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  AccountBody,
  AccountChangesBody,
  AccountListPage,
  AccountParams,
  AccountQuery,
  ChannelRoleChangeBody,
  ChannelRoleList,
  ChannelRoleParams,
  LinkBody,
  NewAccountBody,
} from '../../core/api/account.ts'
import { ChannelParams } from '../../core/api/channel.ts'
import { readProblems, writeProblems } from '../../core/api/problem.ts'
import type { AccountService } from '../accounts/account-service.ts'
import type { JoinService } from '../accounts/join-service.ts'
import type { SecondFactor } from '../accounts/second-factor.ts'

const tags = ['accounts']
const done = (description: string) => ({ 204: Type.Null({ description }) })

type AccountRoutes = FastifyPluginAsyncTypebox<{
  service: AccountService
  join: JoinService
  secondFactor: Pick<SecondFactor, 'disable'>
}>

/** Serves `/accounts` and `/channels/{slug}/roles` below the prefix `/v1`. */
export const accountRoutes: AccountRoutes = async (app, options) => {
  await app.register(collectionRoutes, options)
  await app.register(itemRoutes, options)
  await app.register(signInRoutes, options)
  await app.register(channelRoleRoutes, options)
}

const collectionRoutes: AccountRoutes = async (app, { service }) => {
  app.post(
    '/accounts',
    {
      config: { permission: 'accounts:write', audit: 'account.create' },
      schema: {
        tags,
        summary: 'Create an account with a password; an invitation lets its holder choose one',
        body: NewAccountBody,
        response: { 201: AccountBody, ...writeProblems('email_taken', 'sign_in_busy') },
      },
    },
    async ({ principal, body }, reply) => {
      const account = await service.create(principal, body)
      return reply.code(201).header('location', `/v1/accounts/${account.id}`).send(account)
    },
  )

  app.get(
    '/accounts',
    {
      config: { permission: 'accounts:read' },
      schema: {
        tags,
        summary: 'List all accounts',
        querystring: AccountQuery,
        response: { 200: AccountListPage, ...readProblems('bad_cursor') },
      },
    },
    ({ query }) => service.list(query.limit ?? 50, query.cursor),
  )
}

const itemRoutes: AccountRoutes = async (app, { service }) => {
  app.get(
    '/accounts/:id',
    {
      config: { permission: 'accounts:read' },
      schema: {
        tags,
        summary: 'Get an account',
        params: AccountParams,
        response: { 200: AccountBody, ...readProblems('account_not_found') },
      },
    },
    ({ params }) => service.get(params.id),
  )

  app.patch(
    '/accounts/:id',
    {
      config: { permission: 'accounts:write', audit: 'account.change' },
      schema: {
        tags,
        summary: 'Change an account; a new role applies at once, and disabling signs it out',
        params: AccountParams,
        body: AccountChangesBody,
        response: { 200: AccountBody, ...writeProblems('account_not_found', 'email_taken', 'last_owner') },
      },
    },
    ({ principal, params, body }) => service.change(principal, params.id, body),
  )

  app.delete(
    '/accounts/:id',
    {
      config: { permission: 'accounts:delete', audit: 'account.delete' },
      schema: {
        tags,
        summary: 'Delete an account with its sign-ins and tokens; channels stay',
        params: AccountParams,
        response: {
          ...done('deleted'),
          ...writeProblems('sign_in_again', 'account_not_found', 'last_owner'),
        },
      },
    },
    async ({ principal, params }, reply) => {
      await service.remove(principal, params.id)
      return reply.code(204).send(null)
    },
  )
}

const signInRoutes: AccountRoutes = async (app, { service, join, secondFactor }) => {
  app.delete(
    '/accounts/:id/sign-ins',
    {
      config: { permission: 'accounts:write', audit: 'account.sign_out' },
      schema: {
        tags,
        summary: 'Sign an account out in all browsers',
        params: AccountParams,
        response: { ...done('signed out'), ...writeProblems('account_not_found') },
      },
    },
    async ({ principal, params }, reply) => {
      await service.signOut(principal, params.id)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/accounts/:id/totp',
    {
      config: { permission: 'accounts:delete', audit: 'account.totp_disable' },
      schema: {
        tags,
        summary: 'Remove the second factor of an account whose holder has lost it',
        params: AccountParams,
        response: { ...done('removed'), ...writeProblems('sign_in_again', 'account_not_found') },
      },
    },
    async ({ principal, params }, reply) => {
      await service.requireRank(principal, params.id)
      await secondFactor.disable(params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/accounts/:id/password-link',
    {
      config: { permission: 'accounts:write', audit: 'account.password_link' },
      schema: {
        tags,
        summary: 'Create a link with which the holder of an account sets a new password, valid for a day',
        params: AccountParams,
        response: { 201: LinkBody, ...writeProblems('account_not_found', 'too_many_links') },
      },
    },
    async ({ principal, params, host }, reply) =>
      reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await join.passwordLink(principal, params.id, host)),
  )
}

const channelRoleRoutes: AccountRoutes = async (app, { service }) => {
  app.get(
    '/channels/:slug/roles',
    {
      config: { permission: 'accounts:read' },
      schema: {
        tags,
        summary: 'List the accounts that have a role on this channel, besides a role on all',
        params: ChannelParams,
        response: { 200: ChannelRoleList, ...readProblems('channel_not_found') },
      },
    },
    ({ params }) => service.roles(params.slug),
  )

  app.put(
    '/channels/:slug/roles/:id',
    {
      config: { permission: 'accounts:write', audit: 'account.role_set' },
      schema: {
        tags,
        summary: 'Set the role of an account on this channel; it applies at once',
        params: ChannelRoleParams,
        body: ChannelRoleChangeBody,
        response: {
          ...done('set'),
          ...writeProblems('channel_not_found', 'account_not_found', 'too_many_roles'),
        },
      },
    },
    async (request, reply) => {
      const { slug, id } = request.params
      await service.putRole(slug, id, request.body.role)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/channels/:slug/roles/:id',
    {
      config: { permission: 'accounts:write', audit: 'account.role_remove' },
      schema: {
        tags,
        summary: "Remove an account's role on this channel",
        params: ChannelRoleParams,
        response: { ...done('removed'), ...writeProblems('channel_not_found', 'role_not_found') },
      },
    },
    async (request, reply) => {
      const { slug, id } = request.params
      await service.removeRole(slug, id)
      return reply.code(204).send(null)
    },
  )
}
