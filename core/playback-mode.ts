/** Who may watch a channel. `public`: anybody. `signed`: who has a playback token. */
export type PlaybackMode = 'public' | 'signed'

export const playbackModes: readonly PlaybackMode[] = ['public', 'signed']
