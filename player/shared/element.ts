type Child = Node | string | null | undefined
type Properties = {
  class?: string
  text?: string
  data?: Record<string, string>
  attributes?: Record<string, string>
}

/**
 * Creates an element. `text` and children that are strings are never parsed as HTML, so texts chosen by
 * operators and publishers are safe.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag)
  if (properties.class) created.className = properties.class
  if (properties.text !== undefined) created.textContent = properties.text
  Object.assign(created.dataset, properties.data)
  for (const [name, value] of Object.entries(properties.attributes ?? {})) created.setAttribute(name, value)
  created.append(...children.filter((child) => child !== null && child !== undefined))
  return created
}

/** Creates a button that runs `action`. It is disabled until a promise that `action` returns is settled. */
export function button(text: string, style: string, action: () => unknown): HTMLButtonElement {
  const created = element('button', { class: style, text, attributes: { type: 'button' } })
  created.addEventListener('click', async () => {
    created.disabled = true
    try {
      await action()
    } finally {
      created.disabled = false
    }
  })
  return created
}
