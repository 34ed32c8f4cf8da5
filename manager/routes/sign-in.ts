import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import {
  BrowserSignInList,
  BrowserSignInParams,
  ConfirmBody,
  MeBody,
  PasswordChangeBody,
  SignInBody,
} from '../../core/api/account.ts'
import { openWriteProblems, readProblems, writeProblems } from '../../core/api/problem.ts'
import { anonymous, type Principal } from '../access/principal.ts'
import type { SessionCookies } from '../access/session-cookie.ts'
import type { AccountViews } from '../accounts/account-view.ts'
import type { BegunSignIn, Browser, SignInService } from '../accounts/sign-in-service.ts'

const tags = ['accounts']
const done = (description: string) => ({ 204: Type.Null({ description }) })

export interface SignInRouteOptions {
  service: SignInService
  views: AccountViews
  cookies: SessionCookies
}

type SignInRoutes = FastifyPluginAsyncTypebox<SignInRouteOptions>

/** Returns what is known about the browser that sends a request. */
export const browserOf = (request: FastifyRequest, cookies: SessionCookies): Browser => ({
  address: request.client,
  userAgent: request.headers['user-agent'] ?? '',
  knownAs: (accountId) => cookies.browserOf(request, accountId),
})

/** Returns the person who has just signed in. */
export const principalOf = ({ account, signIn }: BegunSignIn): Principal => ({
  ...anonymous,
  kind: 'account',
  id: account.id,
  name: account.name,
  accountId: account.id,
  role: account.role,
  signIn,
})

/** Sends the cookies of a sign-in that has begun, and lets the audit log name the account. */
export function sendCookies(
  request: FastifyRequest,
  reply: FastifyReply,
  begun: BegunSignIn,
  cookies: SessionCookies,
): void {
  const { account, secret } = begun
  request.principal = principalOf(begun)
  request.auditKey = account.id
  cookies.setSecret(request, reply, secret)
  cookies.rememberBrowser(request, reply, account.id)
}

/** Serves signing in and out, and `/me`, below the prefix `/v1`. */
export const signInRoutes: SignInRoutes = async (app, options) => {
  await app.register(sessionRoutes, options)
  await app.register(passwordRoutes, options)
  await app.register(ownSignInRoutes, options)
}

const sessionRoutes: SignInRoutes = async (app, { service, views, cookies }) => {
  app.post(
    '/sign-in',
    {
      config: { permission: 'open', audit: 'account.sign_in', idempotency: false },
      schema: {
        tags,
        summary: 'Sign in with e-mail address and password; the response sets a cookie',
        body: SignInBody,
        response: {
          200: MeBody,
          ...openWriteProblems(
            'sign_in_failed',
            'second_factor_required',
            'wrong_code',
            'too_many_attempts',
            'sign_in_busy',
          ),
        },
      },
    },
    async (request, reply) => {
      const begun = await service.signIn(request.body, browserOf(request, cookies))
      sendCookies(request, reply, begun, cookies)
      return views.meOf({
        ...anonymous,
        kind: 'account',
        accountId: begun.account.id,
        role: begun.account.role,
      })
    },
  )

  app.post(
    '/sign-out',
    {
      config: { permission: 'me:write', idempotency: false },
      schema: {
        tags,
        summary: 'Sign out',
        response: { ...done('signed out'), ...writeProblems() },
      },
    },
    async (request, reply) => {
      await service.signOut(request.principal)
      cookies.clear(request, reply)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/me',
    {
      config: { permission: 'me:read' },
      schema: {
        tags,
        summary: 'Get what the sign-in or the token is and may do',
        response: { 200: MeBody, ...readProblems() },
      },
    },
    ({ principal }) => views.meOf(principal),
  )
}

const passwordRoutes: SignInRoutes = async (app, { service, cookies }) => {
  app.post(
    '/me/confirm',
    {
      config: { permission: 'me:write', idempotency: false },
      schema: {
        tags,
        summary: 'Enter the password again; for ten minutes keys, tokens and deletion are permitted',
        body: ConfirmBody,
        response: { ...done('confirmed'), ...writeProblems('wrong_password', 'sign_in_busy') },
      },
    },
    async (request, reply) => {
      cookies.setSecret(request, reply, await service.confirm(request.principal, request.body.password))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/me/password',
    {
      config: { permission: 'me:write', audit: 'account.password_change', idempotency: false },
      schema: {
        tags,
        summary: 'Change your password; other sign-ins end',
        body: PasswordChangeBody,
        response: { ...done('changed'), ...writeProblems('wrong_password', 'sign_in_busy') },
      },
    },
    async (request, reply) => {
      const { current, password } = request.body
      request.auditKey = request.principal.id
      cookies.setSecret(request, reply, await service.changePassword(request.principal, current, password))
      return reply.code(204).send(null)
    },
  )
}

const ownSignInRoutes: SignInRoutes = async (app, { service }) => {
  app.get(
    '/me/sign-ins',
    {
      config: { permission: 'me:write' },
      schema: {
        tags,
        summary: 'List the browsers in which you are signed in, newest first',
        response: { 200: BrowserSignInList, ...readProblems() },
      },
    },
    ({ principal }) => service.list(principal),
  )

  app.delete(
    '/me/sign-ins',
    {
      config: { permission: 'me:write', audit: 'account.sign_out' },
      schema: {
        tags,
        summary: 'Sign out in all other browsers',
        response: { ...done('signed out'), ...writeProblems() },
      },
    },
    async (request, reply) => {
      request.auditKey = request.principal.id
      await service.endOthers(request.principal)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/me/sign-ins/:id',
    {
      config: { permission: 'me:write', audit: 'account.sign_out' },
      schema: {
        tags,
        summary: 'Sign out in one browser',
        params: BrowserSignInParams,
        response: { ...done('signed out'), ...writeProblems('sign_in_not_found') },
      },
    },
    async (request, reply) => {
      request.auditKey = request.principal.id
      await service.end(request.principal, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
