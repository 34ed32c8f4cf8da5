/** The element for a selector that the page's own markup promises. @throws when it is missing: the page is broken. */
export function find<Wanted extends Element = HTMLElement>(
  selector: string,
  within: ParentNode = document,
): Wanted {
  const found = within.querySelector<Wanted>(selector)
  if (found === null) throw new Error(`the page has no ${selector}`)
  return found
}
