import type { ChannelView } from '../../core/api/channel.ts'
import type { SlateView } from '../../core/api/slate.ts'
import { slateMediaTypes } from '../../core/contracts/slate-file.ts'
import { button, element } from '../shared/element.ts'
import { formatBytes } from '../shared/units.ts'
import { confirm } from './confirm.ts'
import type { Notice } from './notice.ts'

export interface SlateActions {
  read(): Promise<Blob>
  put(file: Blob): Promise<ChannelView>
  remove(): Promise<void>
  attempt: Notice['attempt']
}

/** Returns a sentence that says what viewers see while the publisher is away. */
export function slateText(slate: SlateView | null): string {
  if (slate === null) return 'While the publisher is away, viewers see the last picture.'
  const what = isClip(slate) ? 'a clip' : 'this picture'
  return `While the publisher is away, viewers see ${what}, ${formatBytes(slate.bytes)}.`
}

const isClip = ({ mediaType }: SlateView) => mediaType.startsWith('video/')

/**
 * Creates the block with the slate of a channel. `update` shows another slate; the picture is read only when
 * it has changed.
 */
export function createSlateBlock({ read, put, remove, attempt }: SlateActions) {
  let shown: string | undefined
  const text = element('p')
  const preview = element('div')
  const input = element('input', {
    attributes: { type: 'file', accept: slateMediaTypes.join(','), hidden: '' },
  })
  const choose = button('Choose a file…', 'plain', () => input.click())
  const drop = button('Remove slate…', 'link', async () => {
    if (await confirmRemoval()) await attempt(remove)
  })

  input.addEventListener('change', async () => {
    const file = input.files?.[0]
    if (file === undefined) return
    choose.disabled = true
    const channel = await attempt(() => put(file))
    choose.disabled = false
    // Without this, choosing the same file again would not be a change.
    input.value = ''
    if (channel) update(channel.slate)
  })

  async function showPicture(sha256: string) {
    const file = await attempt(read)
    if (file === undefined || shown !== sha256) return
    const url = URL.createObjectURL(file)
    const picture = element('img', { class: 'slate-picture', attributes: { src: url, alt: 'The slate' } })
    for (const event of ['load', 'error']) picture.addEventListener(event, () => URL.revokeObjectURL(url))
    preview.replaceChildren(picture)
  }

  function update(slate: SlateView | null) {
    const sha256 = slate?.sha256 ?? ''
    if (shown === sha256) return
    shown = sha256
    text.textContent = slateText(slate)
    choose.textContent = slate === null ? 'Choose a file…' : 'Replace…'
    drop.hidden = slate === null
    preview.replaceChildren()
    if (slate !== null && !isClip(slate)) void showPicture(sha256)
  }

  const hint = element('p', {
    class: 'hint',
    text: 'A PNG or JPEG picture, or an MP4 or WebM clip, of up to 8 MiB. A change applies from the next publish.',
  })
  return { root: element('div', { class: 'stack' }, text, preview, hint, input, choose, drop), update }
}

const confirmRemoval = () =>
  confirm(
    'Remove the slate?',
    'From the next publish on, viewers see the last picture while the publisher is away.',
    'Remove',
  )
