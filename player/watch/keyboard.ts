/** What a key asks of the page. */
export interface KeyActions {
  togglePlay(): void
  toggleMute(): void
  toggleFullscreen(): void
  togglePictureInPicture(): void
  /** Steps the volume, -1..1. */
  changeVolume(step: number): void
  /** Moves the playhead, seconds. */
  seek(seconds: number): void
  goLive(): void
  help(): void
}

const volumeStep = 0.1
const seekSeconds = 5

/** The action for a key, by its `KeyboardEvent.key`; undefined when it has none. */
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

/** Elements that use these keys themselves when they have the focus. */
const ownKeys =
  'button, input, select, textarea, a, dialog, media-volume-range, media-rendition-menu, [role="menu"]'

/** Listens on the whole page. Keys with Ctrl, Alt or Meta stay the browser's; a focused control keeps Space, Enter and arrows. */
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
