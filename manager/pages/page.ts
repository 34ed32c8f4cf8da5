import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** An HTML page from the player's build. */
export interface Page {
  /** Fills in a title and a configuration; undefined while the page has not been built. */
  render(title: string, config: Record<string, unknown>): RenderedPage | undefined
}

export interface RenderedPage {
  html: string
  /** CSP sources that allow exactly the scripts in the page: `'sha256-…'` (CSP level 3 §6.7.3.3). */
  scriptSources: string[]
}

const configPlaceholder = '"__NOWCAST_CONFIG__"'
const titlePlaceholder = '{{title}}'

/** The page at `path`. It is read once. While it is missing, each call tries again. */
export function createPage(path: string): Page {
  let template: string | undefined
  let scriptSources: string[] = []
  return {
    render(title, config) {
      if (template === undefined) {
        template = readIfExists(path)
        if (template === undefined) return undefined
        scriptSources = sourcesOfScripts(template)
      }
      // Replacements are functions, because `$&` in a text has a meaning.
      const html = template
        .replaceAll(titlePlaceholder, () => escapeHtml(title))
        .replace(configPlaceholder, () => scriptJson(config))
      return { html, scriptSources }
    },
  }
}

/** CSP sources of the build's inline scripts, computed before anything of a channel is in the page. */
function sourcesOfScripts(template: string): string[] {
  return Array.from(template.matchAll(/<script>(.*?)<\/script>/gs), ([, script = '']) => {
    return `'sha256-${createHash('sha256').update(script).digest('base64')}'`
  })
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** JSON for a script element. Nothing in it can end the element or start a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes text for HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
