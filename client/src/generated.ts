// Made from the OpenAPI document by client/generator/main.ts. Do not edit.

/** The calls of the API, by method and path. */
export interface Operations {
  /** Which edge a player should use (HLS Content Steering) */
  'GET /steering/{slug}': {
    path: {
      /** the channel */
      slug: string
    }
    query?: {
      /** the session whose multivariant playlist the player has */
      session?: string
      /** the edge that delivered that playlist */
      from?: string
      /** the playback token in its URLs */
      token?: string
      /** the edge that the player uses now */
      _HLS_pathway?: string
    }
    response: {
      VERSION: 1
      /** time until the next request, s */
      TTL: number
      "RELOAD-URI": string
      /** edges, the preferred one first */
      "PATHWAY-PRIORITY": readonly string[]
      "PATHWAY-CLONES": readonly {
        "BASE-ID": string
        ID: string
        "URI-REPLACEMENT": {
          "PER-VARIANT-URIS": Record<string, string>
          "PER-RENDITION-URIS": Record<string, string>
        }
      }[]
    }
  }

  /** Create an account with a password; an invitation lets its holder choose one */
  'POST /v1/accounts': {
    body: {
      /** compared without regard to case */
      email: string
      name: string
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      /** 8 to 128 characters */
      password: string
    }
    response: {
      id: string
      email: string
      name: string
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      /** it cannot sign in, and its tokens do not work */
      disabled: boolean
      /** signing in needs a code of an authenticator app */
      hasSecondFactor: boolean
      /** roles on single channels */
      channels: readonly ({
        /** the channel */
        channel: string
        role: 'producer' | 'streamer' | 'moderator' | 'viewer'
      })[]
      /** when it was created */
      createdAt: string
      /** when it was last changed */
      updatedAt: string
    }
  }

  /** List all accounts */
  'GET /v1/accounts': {
    query?: {
      limit?: number
      /** `nextCursor` of the previous page, unchanged */
      cursor?: string
    }
    response: {
      items: readonly ({
        id: string
        email: string
        name: string
        role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
        /** it cannot sign in, and its tokens do not work */
        disabled: boolean
        /** signing in needs a code of an authenticator app */
        hasSecondFactor: boolean
        /** roles on single channels */
        channels: readonly ({
          /** the channel */
          channel: string
          role: 'producer' | 'streamer' | 'moderator' | 'viewer'
        })[]
        /** when it was created */
        createdAt: string
        /** when it was last changed */
        updatedAt: string
      })[]
      nextCursor: string | null
    }
  }

  /** Get an account */
  'GET /v1/accounts/{id}': {
    path: {
      /** the account */
      id: string
    }
    response: {
      id: string
      email: string
      name: string
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      /** it cannot sign in, and its tokens do not work */
      disabled: boolean
      /** signing in needs a code of an authenticator app */
      hasSecondFactor: boolean
      /** roles on single channels */
      channels: readonly ({
        /** the channel */
        channel: string
        role: 'producer' | 'streamer' | 'moderator' | 'viewer'
      })[]
      /** when it was created */
      createdAt: string
      /** when it was last changed */
      updatedAt: string
    }
  }

  /** Change an account; a new role applies at once, and disabling signs it out */
  'PATCH /v1/accounts/{id}': {
    path: {
      /** the account */
      id: string
    }
    body: {
      /** compared without regard to case */
      email?: string
      name?: string
      role?: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      disabled?: boolean
    }
    response: {
      id: string
      email: string
      name: string
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      /** it cannot sign in, and its tokens do not work */
      disabled: boolean
      /** signing in needs a code of an authenticator app */
      hasSecondFactor: boolean
      /** roles on single channels */
      channels: readonly ({
        /** the channel */
        channel: string
        role: 'producer' | 'streamer' | 'moderator' | 'viewer'
      })[]
      /** when it was created */
      createdAt: string
      /** when it was last changed */
      updatedAt: string
    }
  }

  /** Delete an account with its sign-ins and tokens; channels stay */
  'DELETE /v1/accounts/{id}': {
    path: {
      /** the account */
      id: string
    }
    response: undefined
  }

  /** Create a link with which the holder of an account sets a new password, valid for a day */
  'POST /v1/accounts/{id}/password-link': {
    path: {
      /** the account */
      id: string
    }
    response: {
      /** works once; shown only here */
      link: string
      /** when it expires */
      expiresAt: string
    }
  }

  /** Sign an account out in all browsers */
  'DELETE /v1/accounts/{id}/sign-ins': {
    path: {
      /** the account */
      id: string
    }
    response: undefined
  }

  /** Remove the second factor of an account whose holder has lost it */
  'DELETE /v1/accounts/{id}/totp': {
    path: {
      /** the account */
      id: string
    }
    response: undefined
  }

  /** List who changed what, newest first */
  'GET /v1/audit': {
    query?: {
      /** id of an account, or `admin-token` */
      actor?: string
      /** such as `channel/show` */
      target?: string
      limit?: number
      /** `nextCursor` of the previous page, unchanged */
      cursor?: string
    }
    response: {
      items: readonly ({
        id: string
        /** when */
        at: string
        /** id of an account, `admin-token` or `anonymous` */
        actor: string
        actorName: string
        tokenId: string | null
        /** such as `channel.change` */
        action: string
        /** such as `channel/show` */
        target: string
        before: Record<string, unknown> | null
        after: Record<string, unknown> | null
        /** of the response */
        status: number
        requestId: string
        address: string
      })[]
      nextCursor: string | null
    }
  }

  /** Create a channel; the response contains its stream key */
  'POST /v1/channels': {
    body: NewChannel
    response: CreatedChannel
  }

  /** List the channels that you may see, by slug */
  'GET /v1/channels': {
    query?: {
      limit?: number
      /** `nextCursor` of the previous page, unchanged */
      cursor?: string
    }
    response: {
      items: readonly Channel[]
      nextCursor: string | null
    }
  }

  /** Get a channel */
  'GET /v1/channels/{slug}': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    response: Channel
  }

  /**
   * Change a channel; latency and priority apply from the next session, takeover and grace time from
   * the next publish, disabling at once
   */
  'PATCH /v1/channels/{slug}': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    ifMatch?: string
    body: ChannelChanges
    response: Channel
  }

  /** Delete a channel: its key stops working and its session ends; the history stays */
  'DELETE /v1/channels/{slug}': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    ifMatch?: string
    response: undefined
  }

  /** Create a token for watching a signed channel; it is shown only here */
  'POST /v1/channels/{slug}/playback-tokens': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    body?: NewPlaybackToken
    response: PlaybackToken
  }

  /** Revoke all tokens of a channel, or those issued up to a time; effective at edges within 2 s */
  'DELETE /v1/channels/{slug}/playback-tokens': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    query?: {
      /** revoke tokens issued at this time or before; defaults to now */
      issuedBefore?: string
    }
    response: {
      /** tokens issued at this time or before are refused */
      revokedUntil: string
    }
  }

  /** Revoke one token; effective at edges within 2 s */
  'DELETE /v1/channels/{slug}/playback-tokens/{id}': {
    path: {
      /** the channel */
      slug: string
      id: string
    }
    response: undefined
  }

  /** List the accounts that have a role on this channel, besides a role on all */
  'GET /v1/channels/{slug}/roles': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    response: {
      items: readonly ({
        account: string
        email: string
        name: string
        role: 'producer' | 'streamer' | 'moderator' | 'viewer'
      })[]
    }
  }

  /** Set the role of an account on this channel; it applies at once */
  'PUT /v1/channels/{slug}/roles/{id}': {
    path: {
      /** the channel */
      slug: string
      /** the account */
      id: string
    }
    body: {
      role: 'producer' | 'streamer' | 'moderator' | 'viewer'
    }
    response: undefined
  }

  /** Remove an account's role on this channel */
  'DELETE /v1/channels/{slug}/roles/{id}': {
    path: {
      /** the channel */
      slug: string
      /** the account */
      id: string
    }
    response: undefined
  }

  /**
   * Set the slate: a picture or clip that viewers see while a session waits for its publisher; it
   * applies from the next publish
   */
  'PUT /v1/channels/{slug}/slate': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    body: Blob
    response: Channel
  }

  /** Get the file of the slate */
  'GET /v1/channels/{slug}/slate': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    response: Blob
  }

  /** Remove the slate */
  'DELETE /v1/channels/{slug}/slate': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    ifMatch?: string
    response: undefined
  }

  /** Get the stream key, which lets its holder publish */
  'GET /v1/channels/{slug}/stream-key': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    response: StreamKey
  }

  /** Create a new stream key; new publishers can no longer use the old one */
  'POST /v1/channels/{slug}/stream-key': {
    path: {
      /** a–z, 0–9 and inner dashes; names the channel in URLs */
      slug: string
    }
    response: StreamKey
  }

  /** Read the log of events, the oldest first; `nextCursor` continues after the last one */
  'GET /v1/events': {
    query?: {
      /** only events of these types, separated by commas */
      types?: string
      /** only events of the channel with this slug, also of one that was deleted */
      channel?: string
      /** only events after this place in the log */
      after?: string
      limit?: number
    }
    response: EventPage
  }

  /** Follow the log of events as server-sent events; `Last-Event-ID` continues after that event */
  'GET /v1/events/stream': {
    query?: {
      /** only events of these types, separated by commas */
      types?: string
      /** only events of the channel with this slug, also of one that was deleted */
      channel?: string
      /** only events after this place in the log */
      after?: string
    }
    response: Blob
  }

  /** Invite a person; the response contains the link */
  'POST /v1/invitations': {
    body: {
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      channels?: readonly string[]
      note?: string
      expiresInDays?: number
    }
    response: {
      id: string
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      note: string
      /** when it was made */
      createdAt: string
      /** when it expires */
      expiresAt: string
      /** works once; shown only here */
      link: string
    }
  }

  /** List the invitations that are not used yet */
  'GET /v1/invitations': {
    query?: {
      limit?: number
      /** `nextCursor` of the previous page, unchanged */
      cursor?: string
    }
    response: {
      items: readonly ({
        id: string
        role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
        note: string
        /** when it was made */
        createdAt: string
        /** when it expires */
        expiresAt: string
      })[]
      nextCursor: string | null
    }
  }

  /** Withdraw an invitation */
  'DELETE /v1/invitations/{id}': {
    path: {
      /** the invitation */
      id: string
    }
    response: undefined
  }

  /** Get what a one-time link is for */
  'POST /v1/links': {
    body: {
      /** the fragment of the link */
      token: string
    }
    response: {
      purpose: 'owner' | 'invitation' | 'password'
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer' | null
      /** who it is for, as the inviter noted it */
      note: string
      /** when it expires */
      expiresAt: string
    }
  }

  /** Get what the sign-in or the token is and may do */
  'GET /v1/me': {
    response: {
      kind: 'admin-token' | 'account' | 'token'
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      account: {
        id: string
        email: string
        name: string
        role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
        /** it cannot sign in, and its tokens do not work */
        disabled: boolean
        /** signing in needs a code of an authenticator app */
        hasSecondFactor: boolean
        /** roles on single channels */
        channels: readonly ({
          /** the channel */
          channel: string
          role: 'producer' | 'streamer' | 'moderator' | 'viewer'
        })[]
        /** when it was created */
        createdAt: string
        /** when it was last changed */
        updatedAt: string
      } | null
      scopes: readonly ('channels:read' | 'channels:write' | 'keys:read' | 'keys:write' | 'playback:sign' | 'sessions:read' | 'sessions:stop' | 'events:read' | 'webhooks:read' | 'webhooks:write' | 'accounts:read' | 'audit:read')[] | null
      confirmedUntil: string | null
    }
  }

  /** Enter the password again; for ten minutes keys, tokens and deletion are permitted */
  'POST /v1/me/confirm': {
    body: {
      password: string
    }
    response: undefined
  }

  /** Change your password; other sign-ins end */
  'POST /v1/me/password': {
    body: {
      current: string
      /** 8 to 128 characters */
      password: string
    }
    response: undefined
  }

  /** List the browsers in which you are signed in, newest first */
  'GET /v1/me/sign-ins': {
    response: {
      items: readonly {
        id: string
        /** when it began */
        createdAt: string
        /** when it was last used */
        seenAt: string
        address: string
        userAgent: string
        isCurrent: boolean
      }[]
    }
  }

  /** Sign out in all other browsers */
  'DELETE /v1/me/sign-ins': {
    response: undefined
  }

  /** Sign out in one browser */
  'DELETE /v1/me/sign-ins/{id}': {
    path: {
      /** the sign-in */
      id: string
    }
    response: undefined
  }

  /** Get a new secret for an authenticator app; it has no effect yet */
  'POST /v1/me/totp': {
    response: {
      secret: string
      /** for authenticator apps */
      uri: string
    }
  }

  /** Make the codes of an authenticator app necessary to sign in; replaces previous ones */
  'PUT /v1/me/totp': {
    body: {
      secret: string
      code: string
    }
    response: {
      /** each replaces one code; shown only here */
      recoveryCodes: readonly string[]
    }
  }

  /** Make the password alone suffice to sign in */
  'DELETE /v1/me/totp': {
    response: undefined
  }

  /** Set a new password with the token of a link; all sign-ins end */
  'POST /v1/password-reset': {
    body: {
      /** the fragment of the link */
      token: string
      /** 8 to 128 characters */
      password: string
    }
    response: undefined
  }

  /** List the sessions that you may see, newest first */
  'GET /v1/sessions': {
    query?: {
      /** a channel's slug */
      channel?: string
      state?: 'live' | 'ended'
      limit?: number
      /** `nextCursor` of the previous page, unchanged */
      cursor?: string
    }
    response: {
      items: readonly Session[]
      nextCursor: string | null
    }
  }

  /** Get a session */
  'GET /v1/sessions/{id}': {
    path: {
      /** the session */
      id: string
    }
    response: Session
  }

  /** Judge the signal of a session: its verdict, its issues and what to change, and its samples */
  'GET /v1/sessions/{id}/health': {
    path: {
      /** the session */
      id: string
    }
    query?: {
      /** of the sentences */
      language?: 'en' | 'ko'
      /** of a live session: the newest samples to list */
      seconds?: number
    }
    response: SessionHealth
  }

  /** Stop a session: disconnects its publisher and ends its playlists. Responds before that is done */
  'POST /v1/sessions/{id}/stop': {
    path: {
      /** the session */
      id: string
    }
    response: Session
  }

  /** Sign in with e-mail address and password; the response sets a cookie */
  'POST /v1/sign-in': {
    body: {
      email: string
      password: string
      /** of the authenticator app, or a recovery code */
      code?: string
    }
    response: {
      kind: 'admin-token' | 'account' | 'token'
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      account: {
        id: string
        email: string
        name: string
        role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
        /** it cannot sign in, and its tokens do not work */
        disabled: boolean
        /** signing in needs a code of an authenticator app */
        hasSecondFactor: boolean
        /** roles on single channels */
        channels: readonly ({
          /** the channel */
          channel: string
          role: 'producer' | 'streamer' | 'moderator' | 'viewer'
        })[]
        /** when it was created */
        createdAt: string
        /** when it was last changed */
        updatedAt: string
      } | null
      scopes: readonly ('channels:read' | 'channels:write' | 'keys:read' | 'keys:write' | 'playback:sign' | 'sessions:read' | 'sessions:stop' | 'events:read' | 'webhooks:read' | 'webhooks:write' | 'accounts:read' | 'audit:read')[] | null
      confirmedUntil: string | null
    }
  }

  /** Sign out */
  'POST /v1/sign-out': {
    response: undefined
  }

  /** Create an account, with the token of a link unless sign-up is open to all, and sign in */
  'POST /v1/sign-up': {
    body: {
      /** the fragment of the link */
      token?: string
      /** compared without regard to case */
      email: string
      name: string
      /** 8 to 128 characters */
      password: string
    }
    response: {
      kind: 'admin-token' | 'account' | 'token'
      role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
      account: {
        id: string
        email: string
        name: string
        role: 'owner' | 'admin' | 'producer' | 'streamer' | 'moderator' | 'viewer'
        /** it cannot sign in, and its tokens do not work */
        disabled: boolean
        /** signing in needs a code of an authenticator app */
        hasSecondFactor: boolean
        /** roles on single channels */
        channels: readonly ({
          /** the channel */
          channel: string
          role: 'producer' | 'streamer' | 'moderator' | 'viewer'
        })[]
        /** when it was created */
        createdAt: string
        /** when it was last changed */
        updatedAt: string
      } | null
      scopes: readonly ('channels:read' | 'channels:write' | 'keys:read' | 'keys:write' | 'playback:sign' | 'sessions:read' | 'sessions:stop' | 'events:read' | 'webhooks:read' | 'webhooks:write' | 'accounts:read' | 'audit:read')[] | null
      confirmedUntil: string | null
    }
  }

  /** Create an API token; it is shown only here */
  'POST /v1/tokens': {
    body: {
      name: string
      scopes: readonly ('channels:read' | 'channels:write' | 'keys:read' | 'keys:write' | 'playback:sign' | 'sessions:read' | 'sessions:stop' | 'events:read' | 'webhooks:read' | 'webhooks:write' | 'accounts:read' | 'audit:read')[]
      /** the only ones */
      channels?: readonly string[]
      expiresInDays?: number | null
    }
    response: {
      id: string
      accountId: string | null
      name: string
      scopes: readonly ('channels:read' | 'channels:write' | 'keys:read' | 'keys:write' | 'playback:sign' | 'sessions:read' | 'sessions:stop' | 'events:read' | 'webhooks:read' | 'webhooks:write' | 'accounts:read' | 'audit:read')[]
      channelIds: readonly string[] | null
      /** when it was created */
      createdAt: string
      expiresAt: string | null
      usedAt: string | null
      usedFrom: string | null
      revokedAt: string | null
      /** shown only here */
      token: string
    }
  }

  /** List your API tokens; as an admin, all */
  'GET /v1/tokens': {
    query?: {
      limit?: number
      /** `nextCursor` of the previous page, unchanged */
      cursor?: string
    }
    response: {
      items: readonly ({
        id: string
        accountId: string | null
        name: string
        scopes: readonly ('channels:read' | 'channels:write' | 'keys:read' | 'keys:write' | 'playback:sign' | 'sessions:read' | 'sessions:stop' | 'events:read' | 'webhooks:read' | 'webhooks:write' | 'accounts:read' | 'audit:read')[]
        channelIds: readonly string[] | null
        /** when it was created */
        createdAt: string
        expiresAt: string | null
        usedAt: string | null
        usedFrom: string | null
        revokedAt: string | null
      })[]
      nextCursor: string | null
    }
  }

  /** Revoke an API token; it is refused from the next request on */
  'DELETE /v1/tokens/{id}': {
    path: {
      /** the token */
      id: string
    }
    response: undefined
  }

  /** Create a webhook; its secret is shown only here */
  'POST /v1/webhooks': {
    body: {
      /** where events are posted; without a user name, a password or a fragment */
      url: string
      types?: readonly ('session.started' | 'session.source_changed' | 'session.interrupted' | 'session.resumed' | 'session.ended' | 'channel.created' | 'channel.updated' | 'channel.deleted' | 'channel.key_rotated' | 'token.created' | 'token.revoked' | 'webhook.disabled')[] | null
      channels?: readonly string[] | null
      /** a disabled webhook gets no events */
      enabled?: boolean
    }
    response: CreatedWebhook
  }

  /** List all webhooks */
  'GET /v1/webhooks': {
    response: {
      items: readonly Webhook[]
    }
  }

  /** Get a webhook */
  'GET /v1/webhooks/{id}': {
    path: {
      /** the webhook */
      id: string
    }
    response: Webhook
  }

  /** Change a webhook; enabling it also attempts what is pending */
  'PATCH /v1/webhooks/{id}': {
    path: {
      /** the webhook */
      id: string
    }
    body: {
      /** where events are posted; without a user name, a password or a fragment */
      url?: string
      types?: readonly ('session.started' | 'session.source_changed' | 'session.interrupted' | 'session.resumed' | 'session.ended' | 'channel.created' | 'channel.updated' | 'channel.deleted' | 'channel.key_rotated' | 'token.created' | 'token.revoked' | 'webhook.disabled')[] | null
      channels?: readonly string[] | null
      /** a disabled webhook gets no events */
      enabled?: boolean
    }
    response: Webhook
  }

  /** Delete a webhook and its deliveries */
  'DELETE /v1/webhooks/{id}': {
    path: {
      /** the webhook */
      id: string
    }
    response: undefined
  }

  /** List the deliveries of a webhook, newest first; they are kept for 30 days */
  'GET /v1/webhooks/{id}/deliveries': {
    path: {
      /** the webhook */
      id: string
    }
    query?: {
      state?: 'pending' | 'delivered' | 'failed'
      limit?: number
      /** `nextCursor` of the previous page, unchanged */
      cursor?: string
    }
    response: {
      items: readonly Delivery[]
      nextCursor: string | null
    }
  }

  /** Send the event of a delivery again */
  'POST /v1/webhooks/{id}/deliveries/{deliveryId}/resend': {
    path: {
      /** the webhook */
      id: string
      /** the delivery */
      deliveryId: string
    }
    response: Delivery
  }

  /** Send again, in order, what happened since a time; up to 5000 events a call */
  'POST /v1/webhooks/{id}/resend': {
    path: {
      /** the webhook */
      id: string
    }
    query: {
      /** events that happened at this time or later */
      since: string
      /** `continueAfter` of the former response, with the same `since` */
      after?: string
    }
    response: {
      /** number of events that were queued */
      queued: number
      continueAfter: string | null
    }
  }

  /** Replace the secret, which is shown only here; the previous one signs too for a day */
  'POST /v1/webhooks/{id}/secret': {
    path: {
      /** the webhook */
      id: string
    }
    response: {
      /** verifies signatures; shown only here */
      secret: string
      /** until then the previous secret signs too */
      previousUntil: string
    }
  }
}

export type AudioSource = {
  codec: 'aac' | 'mp3' | 'opus' | 'other'
  codecString: string | null
  sampleRate: number
  channels: number
  /** audio, bits/s */
  bitrate: number
}

export type Channel = {
  id: string
  /** a–z, 0–9 and inner dashes; names the channel in URLs */
  slug: string
  title: string
  /** `ultra`: 100 ms parts; `low`; `standard`: whole segments */
  latency: 'ultra' | 'low' | 'standard'
  /** a second publisher takes the channel over instead of being refused */
  takeover: boolean
  graceMs: number | null
  /** channels of a higher one keep more renditions when transcoders have no room */
  priority: number
  /** a disabled channel refuses every publisher */
  enabled: boolean
  /** when it was created */
  createdAt: string
  /** when it was last changed */
  updatedAt: string
  playback: {
    /** the multivariant playlist; that of a signed channel needs a token in its path */
    hls: string
    /** the watch page */
    watch: string
    /** JPEG of the show, a few seconds old; that of a signed channel needs a token in its path */
    picture: string
    /** `public`: everyone may watch; `signed`: only viewers with a playback token */
    mode: 'public' | 'signed'
  }
  slate: Slate | null
  live: LiveStatus | null
  ingest: {
    /** the server URL for OBS */
    server: string
  }
}

export type ChannelChanges = {
  title?: string
  /** `ultra`: 100 ms parts; `low`; `standard`: whole segments */
  latency?: 'ultra' | 'low' | 'standard'
  /** a second publisher takes the channel over instead of being refused */
  takeover?: boolean
  graceMs?: number | null
  /** channels of a higher one keep more renditions when transcoders have no room */
  priority?: number
  /** a disabled channel refuses every publisher */
  enabled?: boolean
  /** `public`: everyone may watch; `signed`: only viewers with a playback token */
  playback?: 'public' | 'signed'
}

export type CreatedChannel = {
  id: string
  /** a–z, 0–9 and inner dashes; names the channel in URLs */
  slug: string
  title: string
  /** `ultra`: 100 ms parts; `low`; `standard`: whole segments */
  latency: 'ultra' | 'low' | 'standard'
  /** a second publisher takes the channel over instead of being refused */
  takeover: boolean
  graceMs: number | null
  /** channels of a higher one keep more renditions when transcoders have no room */
  priority: number
  /** a disabled channel refuses every publisher */
  enabled: boolean
  /** when it was created */
  createdAt: string
  /** when it was last changed */
  updatedAt: string
  playback: {
    /** the multivariant playlist; that of a signed channel needs a token in its path */
    hls: string
    /** the watch page */
    watch: string
    /** JPEG of the show, a few seconds old; that of a signed channel needs a token in its path */
    picture: string
    /** `public`: everyone may watch; `signed`: only viewers with a playback token */
    mode: 'public' | 'signed'
  }
  slate: Slate | null
  live: LiveStatus | null
  streamKey: string
  ingest: {
    server: string
    /** the stream key */
    key: string
  }
  /** a page about the signal for those who publish; valid until the key is replaced */
  coach: string
}

export type CreatedWebhook = {
  id: string
  /** where events are posted; without a user name, a password or a fragment */
  url: string
  types: readonly ('session.started' | 'session.source_changed' | 'session.interrupted' | 'session.resumed' | 'session.ended' | 'channel.created' | 'channel.updated' | 'channel.deleted' | 'channel.key_rotated' | 'token.created' | 'token.revoked' | 'webhook.disabled')[] | null
  channels: readonly string[] | null
  /** a disabled webhook gets no events */
  enabled: boolean
  disabledReason: 'failing' | 'gone' | null
  failingSince: string | null
  /** when it was created */
  createdAt: string
  /** when it was last changed */
  updatedAt: string
  /** verifies signatures; shown only here */
  secret: string
}

export type Delivery = {
  id: string
  /** in `webhook-id` of each attempt */
  eventId: string
  eventCursor: string
  type: 'session.started' | 'session.source_changed' | 'session.interrupted' | 'session.resumed' | 'session.ended' | 'channel.created' | 'channel.updated' | 'channel.deleted' | 'channel.key_rotated' | 'token.created' | 'token.revoked' | 'webhook.disabled'
  channel: string | null
  /** `failed`: given up */
  state: 'pending' | 'delivered' | 'failed'
  /** when it was queued */
  createdAt: string
  endedAt: string | null
  /** the newest 20 */
  tries: readonly ({
    /** when the attempt began */
    at: string
    status: number | null
    /** time to the response or the failure */
    ms: number
    error: string | null
  })[]
}

export type EventPage = {
  items: readonly LogEvent[]
  /** for `after` of the next request, also at the end of the log */
  nextCursor: string
  /** whether the log has further events now */
  hasMore: boolean
  /** number of events after `after`, of all types, that were removed before this request */
  missed: number
}

export type Experience = {
  joinMs: {
    p50: number
    p95: number
  } | null
  latencyMs: {
    p50: number
    p95: number
  } | null
  bufferMs: {
    p50: number
    p95: number
  } | null
  bitrate: {
    p50: number
    p95: number
  } | null
  throughput: {
    p50: number
    p95: number
  } | null
  stallRatio: number | null
}

export type Health = {
  /** media seconds made per second */
  speed: number
  /** distance of the encoded media from the source, ms */
  behindMs: number
  overloaded: boolean
}

export type Issue = {
  code: 'audio_missing' | 'video_missing' | 'starved' | 'uplink_behind' | 'uplink_saturated' | 'faster_than_realtime' | 'jitter_high' | 'frames_missing' | 'bitrate_unstable' | 'timestamps_jump' | 'av_skew' | 'reconnects' | 'keyframe_interval_long' | 'keyframe_interval_high_for_latency' | 'keyframe_interval_short' | 'keyframe_interval_unsteady' | 'open_gop' | 'video_bitrate_low' | 'video_bitrate_high' | 'frame_rate_low' | 'frame_rate_variable' | 'frame_rate_high' | 'resolution_odd' | 'video_not_browser_friendly' | 'profile_level_high' | 'profile_baseline' | 'b_frames' | 'interlaced' | 'audio_bitrate_low' | 'audio_bitrate_high' | 'audio_sample_rate' | 'audio_channels' | 'transcode_behind' | 'viewers_stalling' | 'viewers_cannot_follow'
  /** `info`: viewers see no harm; `error`: viewers cannot watch well */
  severity: 'info' | 'warning' | 'error'
  /** when it began; of a live session, at most ten minutes ago */
  since: string
  until: string | null
  /** how long it was present */
  seconds: number
  /** what was measured, at its worst after the end */
  measured: number | string
  /** a value without an issue */
  wanted: number | string
  /** of `measured` and `wanted` */
  unit: 'ms' | 'bits/s' | 'frames/s' | 'Hz' | 'percent' | 'count' | 'text'
  /** what is wrong */
  problem: string
  /** what viewers notice */
  effect: string
  /** what to change */
  fix: string
}

export type LiveStatus = {
  sessionId: string
  /** when the publisher started */
  startedAt: string
  /** `starting`: nothing to play yet; `interrupted`: the publisher is gone and may return */
  state: 'starting' | 'live' | 'interrupted'
  viewers: number
  experience: Experience | null
  source: Source | null
  renditions: readonly Rendition[]
  health: Health | null
}

export type LogEvent = {
  /** the same in each delivery of the event */
  id: string
  type: 'session.started' | 'session.source_changed' | 'session.interrupted' | 'session.resumed' | 'session.ended' | 'channel.created' | 'channel.updated' | 'channel.deleted' | 'channel.key_rotated' | 'token.created' | 'token.revoked' | 'webhook.disabled'
  /** when it happened */
  timestamp: string
  channel: string | null
  channelId: string | null
  sequence: number | null
  /** place in the log, to continue after this event */
  cursor: string
  /** more, by type */
  data: Record<string, unknown>
}

export type NewChannel = {
  /** a–z, 0–9 and inner dashes; names the channel in URLs */
  slug: string
  title?: string
  /** `ultra`: 100 ms parts; `low`; `standard`: whole segments */
  latency?: 'ultra' | 'low' | 'standard'
  /** a second publisher takes the channel over instead of being refused */
  takeover?: boolean
  graceMs?: number | null
  /** channels of a higher one keep more renditions when transcoders have no room */
  priority?: number
  /** a disabled channel refuses every publisher */
  enabled?: boolean
  /** `public`: everyone may watch; `signed`: only viewers with a playback token */
  playback?: 'public' | 'signed'
}

export type NewPlaybackToken = {
  ttlSeconds?: number
  /** the only client address that may use it, or a subnet such as `192.0.2.0/24`, as seen by the edge */
  address?: string
  /**
   * pages that may use it, such as `https://example.com`, compared with `Origin` or else `Referer`;
   * `none` for apps and devices, which send neither
   */
  origins?: readonly string[]
}

export type PlaybackToken = {
  /** identifies it for revocation; not a secret */
  id: string
  token: string
  /** when it expires */
  expiresAt: string
  address: string | null
  origins: readonly string[] | null
  /** the multivariant playlist, with the token in its path */
  hls: string
}

export type Rendition = {
  name: string
  kind: 'video' | 'audio'
  /** the published encoding, unchanged */
  passthrough: boolean
  codecs: string | null
  width: number | null
  height: number | null
  fps: number | null
  bandwidth: number | null
}

export type Session = {
  id: string
  /** slug of its channel at that time */
  channel: string
  channelId: string
  state: 'live' | 'ended'
  /** when the publisher started */
  startedAt: string
  endedAt: string | null
  reason: 'publisher_left' | 'publisher_lost' | 'publisher_idle' | 'protocol_error' | 'unsupported_media' | 'limit_exceeded' | 'taken_over' | 'stopped' | 'channel_removed' | 'transcode_failed' | 'ingest_lost' | 'shutdown' | null
  detail: string | null
  /** times without a publisher; the newest 100 */
  interruptions: readonly ({
    /** when the publisher was lost */
    startedAt: string
    endedAt: string | null
    reason: 'publisher_left' | 'publisher_lost' | 'publisher_idle' | 'protocol_error' | 'unsupported_media' | 'limit_exceeded' | 'taken_over' | 'stopped' | 'channel_removed' | 'transcode_failed' | 'ingest_lost' | 'shutdown'
  })[]
  latency: 'ultra' | 'low' | 'standard'
  publisher: {
    address: string
    software: string | null
  }
  source: Source | null
  renditions: readonly Rendition[]
  transcoder: string | null
  /** number of the newest transcode; numbers have holes */
  epoch: number
  /** transcoding could not keep up with real time */
  overloaded: boolean
  health: Health | null
  /** now; 0 after the end */
  viewers: number
  peakViewers: number
}

export type SessionHealth = {
  sessionId: string
  /** slug of its channel */
  channel: string
  state: 'live' | 'interrupted' | 'ended'
  /** when the publisher started */
  startedAt: string
  endedAt: string | null
  /** the worst issue: `good`, `fair` with warnings, `poor` with errors; `none`: no signal to judge */
  verdict: 'good' | 'fair' | 'poor' | 'none'
  /** the worst first; of an ended session all that it had */
  issues: readonly Issue[]
  /** time between two samples */
  everyMs: number
  /** oldest first */
  samples: readonly SignalSample[]
}

export type SignalSample = {
  /** end of the measured time */
  at: string
  /** bits/s as received */
  videoBitrate: number
  /** bits/s as received */
  audioBitrate: number
  /** frames received per second */
  frames: number
  /** frames missing in holes between timestamps */
  missingFrames: number
  /** longest time without a packet */
  gapMs: number
  /** how much later media arrives than at best in the samples */
  lateMs: number
  /** how unevenly packets arrive */
  jitterMs: number
  gopMs: number | null
}

export type Slate = {
  /** of the file, in lower-case hex */
  sha256: string
  mediaType: 'image/png' | 'image/jpeg' | 'video/mp4' | 'video/webm'
  /** size of the file */
  bytes: number
}

export type Source = {
  video: VideoSource | null
  audio: AudioSource | null
  /** video and audio, bits/s */
  bitrate: number
  /** how unevenly packets arrive, ms */
  jitterMs: number
  /** corrections of the publisher's timestamps, by kind */
  clockCorrections: Record<string, number>
  /** tracks that are not shown */
  ignoredTracks: readonly string[]
  /** the session may be ended for its bitrate */
  isNearBitrateLimit: boolean
}

export type StreamKey = {
  streamKey: string
  ingest: {
    server: string
    /** the stream key */
    key: string
  }
  /** a page about the signal for those who publish; valid until the key is replaced */
  coach: string
}

export type VideoSource = {
  codec: 'h264' | 'hevc' | 'av1' | 'vp9' | 'other'
  codecString: string | null
  width: number
  height: number
  fps: number
  /** 8-bit 4:2:0 */
  isBrowserFriendly: boolean
  /** width of a pixel divided by its height */
  pixelAspect: number
  bitDepth: number
  chroma: '4:0:0' | '4:2:0' | '4:2:2' | '4:4:4'
  /** pictures may be coded as fields */
  isInterlaced: boolean
  /** transfer function; pq and hlg are HDR */
  transfer: 'sdr' | 'pq' | 'hlg'
  gopMs: number | null
  /** video, bits/s */
  bitrate: number
}

export type Webhook = {
  id: string
  /** where events are posted; without a user name, a password or a fragment */
  url: string
  types: readonly ('session.started' | 'session.source_changed' | 'session.interrupted' | 'session.resumed' | 'session.ended' | 'channel.created' | 'channel.updated' | 'channel.deleted' | 'channel.key_rotated' | 'token.created' | 'token.revoked' | 'webhook.disabled')[] | null
  channels: readonly string[] | null
  /** a disabled webhook gets no events */
  enabled: boolean
  disabledReason: 'failing' | 'gone' | null
  failingSince: string | null
  /** when it was created */
  createdAt: string
  /** when it was last changed */
  updatedAt: string
}
