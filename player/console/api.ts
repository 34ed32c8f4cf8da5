import type {
  AccountTraits,
  AccountView,
  ApiTokenView,
  BrowserSignInView,
  CreatedApiTokenView,
  CreatedInvitationView,
  InvitationView,
  LinkView,
  MeView,
  NewApiTokenRequest,
  NewInvitation,
  NewTotpView,
  RecoveryCodesView,
} from '../../core/api/account.ts'
import type { ChannelView, CreatedChannelView, NewChannel, StreamKeyView } from '../../core/api/channel.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { SessionView } from '../../core/api/session.ts'
import { maxSlateBytes } from '../../core/contracts/slate-file.ts'
import { ApiError, type CallOptions, type Calls, createCalls } from '../shared/calls.ts'
import { formatBytes } from '../shared/units.ts'

/** Maximum number of list pages, of 200 items each, that the console reads. */
const maxPages = 10

export type Api = ReturnType<typeof createApi>

/** Creates the calls of the console. Every failed call rejects with an ApiError. */
export function createApi(options: CallOptions) {
  const calls = createCalls(options)
  return { ...createChannelApi(calls), ...createAccountApi(calls) }
}

/** Reads all pages of a list. */
async function readAll<Item>({ call }: Calls, path: string): Promise<Item[]> {
  const all: Item[] = []
  let cursor: string | null = null
  for (let page = 0; page < maxPages; page++) {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { items, nextCursor }: ListPage<Item> = await call('GET', `${path}?limit=200${query}`)
    all.push(...items)
    if (nextCursor === null) break
    cursor = nextCursor
  }
  return all
}

function createChannelApi(calls: Calls) {
  const { call, download } = calls
  return {
    channels: () => readAll<ChannelView>(calls, '/channels'),
    sessions: (slug: string) => call<ListPage<SessionView>>('GET', `/sessions?channel=${slug}&limit=10`),
    create: (channel: NewChannel) => call<CreatedChannelView>('POST', '/channels', channel),
    remove: (slug: string) => call<void>('DELETE', `/channels/${slug}`),
    streamKey: (slug: string) => call<StreamKeyView>('GET', `/channels/${slug}/stream-key`),
    rotateKey: (slug: string) => call<StreamKeyView>('POST', `/channels/${slug}/stream-key`),
    slate: (slug: string) => download(`/channels/${slug}/slate`),
    /** Refuses a file beyond the limit itself: the manager would close the connection during the upload. */
    async putSlate(slug: string, file: Blob): Promise<ChannelView> {
      if (file.size > maxSlateBytes)
        throw new ApiError('refused', `A slate has at most 8 MiB; this file has ${formatBytes(file.size)}.`)
      return call('PUT', `/channels/${slug}/slate`, file)
    },
    removeSlate: (slug: string) => call<void>('DELETE', `/channels/${slug}/slate`),
    stop: (sessionId: string) => call<SessionView>('POST', `/sessions/${sessionId}/stop`),
  }
}

function createAccountApi(calls: Calls) {
  const { call } = calls
  return {
    me: () => call<MeView>('GET', '/me'),
    signIn: (credentials: { email: string; password: string; code?: string }) =>
      call<MeView>('POST', '/sign-in', credentials),
    signOut: () => call<void>('POST', '/sign-out'),
    changePassword: (current: string, password: string) =>
      call<void>('POST', '/me/password', { current, password }),
    newTotp: () => call<NewTotpView>('POST', '/me/totp'),
    enableTotp: (secret: string, code: string) =>
      call<RecoveryCodesView>('PUT', '/me/totp', { secret, code }),
    removeTotp: () => call<void>('DELETE', '/me/totp'),
    signIns: () => call<{ items: BrowserSignInView[] }>('GET', '/me/sign-ins'),
    endSignIn: (id: string) => call<void>('DELETE', `/me/sign-ins/${id}`),
    accounts: () => readAll<AccountView>(calls, '/accounts'),
    changeAccount: (id: string, traits: AccountTraits) =>
      call<AccountView>('PATCH', `/accounts/${id}`, traits),
    removeAccount: (id: string) => call<void>('DELETE', `/accounts/${id}`),
    passwordLink: (id: string) => call<LinkView>('POST', `/accounts/${id}/password-link`),
    invitations: () => readAll<InvitationView>(calls, '/invitations'),
    invite: (invitation: NewInvitation) => call<CreatedInvitationView>('POST', '/invitations', invitation),
    withdraw: (id: string) => call<void>('DELETE', `/invitations/${id}`),
    apiTokens: () => readAll<ApiTokenView>(calls, '/tokens'),
    createApiToken: (token: NewApiTokenRequest) => call<CreatedApiTokenView>('POST', '/tokens', token),
    revokeApiToken: (id: string) => call<void>('DELETE', `/tokens/${id}`),
  }
}
