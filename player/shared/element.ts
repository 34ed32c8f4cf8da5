type Child = Node | string | null | undefined
type Properties = {
  class?: string
  text?: string
  data?: Record<string, string>
  attributes?: Record<string, string>
}

/** Makes an element. Text goes in as text: nothing is ever read as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  if (properties.class) made.className = properties.class
  if (properties.text !== undefined) made.textContent = properties.text
  Object.assign(made.dataset, properties.data)
  for (const [name, value] of Object.entries(properties.attributes ?? {})) made.setAttribute(name, value)
  made.append(...children.filter((child) => child !== null && child !== undefined))
  return made
}

/** A button that runs `action`; it cannot be pressed again until a promise of `action` is settled. */
export function button(text: string, style: string, action: () => unknown): HTMLButtonElement {
  const made = element('button', { class: style, text, attributes: { type: 'button' } })
  made.addEventListener('click', async () => {
    made.disabled = true
    try {
      await action()
    } finally {
      made.disabled = false
    }
  })
  return made
}
