/** Who may watch a channel. `public`: everyone. `signed`: viewers with a playback token. */
export type PlaybackMode = 'public' | 'signed'

export const playbackModes: readonly PlaybackMode[] = ['public', 'signed']
