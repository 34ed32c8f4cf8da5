import type { NewChannel } from '../../core/api/channel.ts'
import { type Latency, latencies } from '../../core/media/latency.ts'
import { type PlaybackMode, playbackModes } from '../../core/playback/playback-mode.ts'
import { button, element } from '../shared/element.ts'
import { dropDown, field } from './form.ts'

const latencyTexts: Record<Latency, string> = {
  ultra: 'Ultra – less than a second, for good networks',
  low: 'Low – about a second (recommended)',
  standard: 'Standard – about six seconds, most stable',
}

const playbackTexts: Record<PlaybackMode, string> = {
  public: 'Public – everyone with the link',
  signed: 'Signed – players need a token; the watch page gets its own',
}

/** Opens the dialog for a new channel. When `create` rejects, the dialog stays open and shows the message. */
export function openNewChannel(create: (channel: NewChannel) => Promise<void>): void {
  const fields = createFields()
  const failure = element('p', { class: 'failure', attributes: { role: 'alert' } })
  const submit = element('button', {
    class: 'primary',
    text: 'Create channel',
    attributes: { type: 'submit' },
  })
  const form: HTMLFormElement = element(
    'form',
    { class: 'stack' },
    ...fields.elements,
    failure,
    element(
      'div',
      { class: 'actions end' },
      button('Cancel', 'plain', (): void => dialog.close()),
      submit,
    ),
  )
  const dialog: HTMLDialogElement = element(
    'dialog',
    { class: 'card', attributes: { 'aria-label': 'New channel' } },
    element('h2', { text: 'New channel' }),
    form,
  )

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    failure.textContent = ''
    submit.disabled = true
    try {
      await create(fields.read())
      dialog.close()
    } catch (error) {
      failure.textContent = (error as Error).message
    } finally {
      submit.disabled = false
    }
  })
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

/**
 * Creates the fields of the form. The slug follows from the title until the operator edits it, and again once
 * the operator has emptied it.
 */
function createFields() {
  const title = element('input', {
    attributes: { name: 'title', required: '', maxlength: '200', autocomplete: 'off' },
  })
  const slug = element('input', {
    attributes: {
      name: 'slug',
      required: '',
      maxlength: String(maxSlugLength),
      autocomplete: 'off',
      spellcheck: 'false',
      autocapitalize: 'none',
    },
  })
  const latency = dropDown('latency', latencies, latencyTexts, 'low')
  const playback = dropDown('playback', playbackModes, playbackTexts, 'public')

  let isSlugEdited = false
  title.addEventListener('input', () => {
    if (!isSlugEdited) slug.value = slugOf(title.value)
  })
  slug.addEventListener('input', () => {
    isSlugEdited = slug.value !== ''
  })

  return {
    elements: [
      field('Title', title),
      field('Slug', slug, 'The last part of the watch page’s URL: a–z, 0–9 and dashes.'),
      field('Latency', latency),
      field('Playback', playback),
    ],
    read: (): NewChannel => ({
      slug: slugOf(slug.value),
      title: title.value.trim(),
      latency: latency.value as Latency,
      playback: playback.value as PlaybackMode,
    }),
  }
}

const maxSlugLength = 63

/**
 * Turns any text into a slug of a–z, 0–9 and inner dashes. Accents are removed, letters become lower case,
 * and any other run of characters becomes one dash. The result may be empty.
 */
export function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, maxSlugLength)
    .replace(/-+$/, '')
}
