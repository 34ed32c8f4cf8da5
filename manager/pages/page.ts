import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A page that the player's build made. */
export interface Page {
  /** The page with these values in it; undefined while it is not built. */
  render(title: string, config: Record<string, unknown>): RenderedPage | undefined
}

export interface RenderedPage {
  html: string
  /** Sources that let the scripts in the page run, and no others: `'sha256-…'` (CSP level 3 §6.7.3.3). */
  scriptSources: string[]
}

const configPlace = '"__NOWCAST_CONFIG__"'
const titlePlace = '{{title}}'

/** The page at `path`. It is read once; as long as it is missing, each call looks again. */
export function createPage(path: string): Page {
  let template: string | undefined
  let scriptSources: string[] = []
  return {
    render(title, config) {
      if (template === undefined) {
        template = readIfThere(path)
        if (template === undefined) return undefined
        scriptSources = sourcesOfScripts(template)
      }
      // Replacements are functions: in a text, `$&` would mean something.
      const html = template
        .replaceAll(titlePlace, () => escapeHtml(title))
        .replace(configPlace, () => scriptJson(config))
      return { html, scriptSources }
    },
  }
}

/** Of the scripts that the build put into the page: taken before anything of a channel is in it. */
function sourcesOfScripts(template: string): string[] {
  return Array.from(template.matchAll(/<script>(.*?)<\/script>/gs), ([, script = '']) => {
    return `'sha256-${createHash('sha256').update(script).digest('base64')}'`
  })
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** JSON that can stand in a script element: nothing in it can end the element or begin a comment. */
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

/** Text for HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
