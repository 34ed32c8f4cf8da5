import { type Latency, latencies } from '../../core/media/latency.ts'
import { type PlaybackMode, playbackModes } from '../../core/playback/playback-mode.ts'
import { button, element } from '../shared/element.ts'
import type { NewChannel } from './shapes.ts'
import { slugOf } from './slug.ts'

const latencyWords: Record<Latency, string> = {
  ultra: 'Ultra – under a second, for good networks',
  low: 'Low – about a second (recommended)',
  standard: 'Standard – about six seconds, calmest',
}

const playbackWords: Record<PlaybackMode, string> = {
  public: 'Public – anybody with the address',
  signed: 'Signed – players need a token; the watch page gets its own',
}

/** Asks for a new channel; `create` rejects with words for the operator, which are shown in the form. */
export function openNewChannel(create: (channel: NewChannel) => Promise<void>): void {
  const title = element('input', {
    attributes: { name: 'title', required: '', maxlength: '200', autocomplete: 'off' },
  })
  const slug = element('input', {
    attributes: {
      name: 'slug',
      required: '',
      maxlength: '63',
      autocomplete: 'off',
      spellcheck: 'false',
      autocapitalize: 'none',
    },
  })
  const latency = choice('latency', latencies, latencyWords, 'low')
  const playback = choice('playback', playbackModes, playbackWords, 'public')
  const failure = element('p', { class: 'failure', attributes: { role: 'alert' } })
  const submit = element('button', {
    class: 'primary',
    text: 'Create channel',
    attributes: { type: 'submit' },
  })
  const form: HTMLFormElement = element(
    'form',
    { class: 'stack' },
    field('Title', title),
    field('Address', slug, 'Ends the watch page’s address: a–z, 0–9 and dashes.'),
    field('Latency', latency),
    field('Playback', playback),
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

  let slugIsOwn = false
  title.addEventListener('input', () => {
    if (!slugIsOwn) slug.value = slugOf(title.value)
  })
  slug.addEventListener('input', () => {
    slugIsOwn = slug.value !== ''
  })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    failure.textContent = ''
    submit.disabled = true
    try {
      await create({
        slug: slugOf(slug.value),
        title: title.value.trim(),
        latency: latency.value as Latency,
        playback: playback.value as PlaybackMode,
      })
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

/** A list to choose one word from. */
function choice<Word extends string>(
  name: string,
  words: readonly Word[],
  texts: Record<Word, string>,
  chosen: Word,
): HTMLSelectElement {
  const options = words.map((each) => element('option', { text: texts[each], attributes: { value: each } }))
  const select = element('select', { attributes: { name } }, ...options)
  select.value = chosen
  return select
}

/** A labelled input with a hint below. */
export function field(label: string, input: HTMLElement, hint?: string): HTMLElement {
  return element(
    'label',
    { class: 'field' },
    element('span', { class: 'label', text: label }),
    input,
    hint === undefined ? null : element('span', { class: 'hint', text: hint }),
  )
}
