import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  CreatedInvitationBody,
  InvitationListPage,
  InvitationParams,
  InvitationQuery,
  LinkInfoBody,
  LinkTokenBody,
  MeBody,
  NewInvitationBody,
  PasswordResetBody,
  SignUpBody,
} from '../../core/api/account.ts'
import { openWriteProblems, readProblems, writeProblems } from '../../core/api/problem.ts'
import type { JoinService } from '../accounts/join-service.ts'
import { browserOf, principalOf, type SignInRouteOptions, sendCookies } from './sign-in.ts'

const tags = ['accounts']

type JoinRoutes = FastifyPluginAsyncTypebox<SignInRouteOptions & { join: JoinService }>

/** Serves invitations, and what their links are for, below the prefix `/v1`. */
export const joinRoutes: JoinRoutes = async (app, options) => {
  await app.register(linkRoutes, options)
  await app.register(invitationRoutes, options)
}

const linkRoutes: JoinRoutes = async (app, { service, views, cookies, join }) => {
  app.post(
    '/links',
    {
      config: { permission: 'open', idempotency: false },
      schema: {
        tags,
        summary: 'Get what a one-time link is for',
        body: LinkTokenBody,
        response: { 200: LinkInfoBody, ...openWriteProblems('link_gone') },
      },
    },
    ({ body }) => join.inspect(body.token),
  )

  app.post(
    '/sign-up',
    {
      config: { permission: 'open', audit: 'account.create', idempotency: false },
      schema: {
        tags,
        summary: 'Create an account, with the token of a link unless sign-up is open to all, and sign in',
        body: SignUpBody,
        response: {
          201: MeBody,
          ...openWriteProblems(
            'sign_up_closed',
            'link_gone',
            'email_taken',
            'too_many_attempts',
            'sign_in_busy',
          ),
        },
      },
    },
    async (request, reply) => {
      const account = await join.join(request.body, request.client)
      const begun = await service.begin(account, browserOf(request, cookies))
      sendCookies(request, reply, begun, cookies)
      return reply.code(201).send(await views.meOf(principalOf(begun)))
    },
  )

  app.post(
    '/password-reset',
    {
      config: { permission: 'open', audit: 'account.password_reset', idempotency: false },
      schema: {
        tags,
        summary: 'Set a new password with the token of a link; all sign-ins end',
        body: PasswordResetBody,
        response: {
          204: Type.Null({ description: 'set' }),
          ...openWriteProblems('link_gone', 'sign_in_busy'),
        },
      },
    },
    async (request, reply) => {
      request.auditKey = await join.resetPassword(request.body.token, request.body.password)
      return reply.code(204).send(null)
    },
  )
}

const invitationRoutes: JoinRoutes = async (app, { join }) => {
  app.post(
    '/invitations',
    {
      config: { permission: 'accounts:write', audit: 'invitation.create' },
      schema: {
        tags,
        summary: 'Invite a person; the response contains the link',
        body: NewInvitationBody,
        response: {
          201: CreatedInvitationBody,
          ...writeProblems('sign_up_closed', 'channel_not_found', 'too_many_links'),
        },
      },
    },
    async (request, reply) => {
      const invitation = await join.invite(request.principal, request.body, request.host)
      request.auditKey = invitation.id
      return reply.code(201).header('cache-control', 'no-store').send(invitation)
    },
  )

  app.get(
    '/invitations',
    {
      config: { permission: 'accounts:read' },
      schema: {
        tags,
        summary: 'List the invitations that are not used yet',
        querystring: InvitationQuery,
        response: { 200: InvitationListPage, ...readProblems('bad_cursor') },
      },
    },
    ({ query }) => join.invitations(query.limit ?? 50, query.cursor),
  )

  app.delete(
    '/invitations/:id',
    {
      config: { permission: 'accounts:write', audit: 'invitation.withdraw' },
      schema: {
        tags,
        summary: 'Withdraw an invitation',
        params: InvitationParams,
        response: {
          204: Type.Null({ description: 'withdrawn' }),
          ...writeProblems('invitation_not_found'),
        },
      },
    },
    async ({ params }, reply) => {
      await join.withdraw(params.id)
      return reply.code(204).send(null)
    },
  )
}
