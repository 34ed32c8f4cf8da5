export interface KeyActions {
  togglePlay(): void
  toggleMute(): void
  toggleFullscreen(): void
  togglePictureInPicture(): void
  /** Changes the volume, which ranges from 0 to 1, by `step`. */
  changeVolume(step: number): void
  /** Moves the playhead by a number of seconds, backwards when negative. */
  seek(seconds: number): void
  goLive(): void
  help(): void
  /** Shows or hides the figures of playback. */
  toggleStats(): void
}

const volumeStep = 0.1
const seekSeconds = 5

/** Returns the action of a key (`KeyboardEvent.key`); undefined when the key has none. */
export function actionOf(key: string, actions: KeyActions): (() => void) | undefined {
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case ' ':
    case 'k':
      return actions.togglePlay
    case 'm':
      return actions.toggleMute
    case 'f':
      return actions.toggleFullscreen
    case 'p':
      return actions.togglePictureInPicture
    case 'l':
      return actions.goLive
    case 'i':
      return actions.toggleStats
    case '?':
      return actions.help
    case 'ArrowUp':
      return () => actions.changeVolume(volumeStep)
    case 'ArrowDown':
      return () => actions.changeVolume(-volumeStep)
    case 'ArrowLeft':
      return () => actions.seek(-seekSeconds)
    case 'ArrowRight':
      return () => actions.seek(seekSeconds)
    default:
      return undefined
  }
}

/** Elements that use Space and the arrow keys themselves when they have the focus. */
const ownKeys =
  'button, input, select, textarea, a, dialog, media-volume-range, media-rendition-menu, [role="menu"]'

/**
 * Listens for keys on the whole page. Keys with Ctrl, Alt or Meta and all keys in dialogs and text fields are
 * left to the browser, and Space and the arrow keys to a control that has the focus.
 */
export function listenForKeys(actions: KeyActions): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return
    const target = event.target instanceof Element ? event.target : document.body
    if (target.closest('dialog, input, textarea')) return
    const isFocusKey = event.key === ' ' || event.key.startsWith('Arrow')
    if (isFocusKey && (target.closest(ownKeys) || target.localName.startsWith('media-'))) return
    const action = actionOf(event.key, actions)
    if (action === undefined) return
    event.preventDefault()
    if (!event.repeat || event.key.startsWith('Arrow')) action()
  })
}
