import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** An HTML page that Vite built from `player/`. */
export interface Page {
  /**
   * Returns the page with a title and with `config`, which its scripts read as JSON; undefined while the page
   * has not been built.
   */
  render(title: string, config: Record<string, unknown>): RenderedPage | undefined
}

export interface RenderedPage {
  html: string
  /** CSP sources of the page's inline scripts: `'sha256-…'` (CSP level 3 §6.7.3.3). */
  scriptSources: string[]
}

const configPlaceholder = '"__NOWCAST_CONFIG__"'
const titlePlaceholder = '{{title}}'

/** Start of the URL of each asset in a built page, as Vite writes it. */
const builtAssets = '"./assets/'

/**
 * Creates a page. The file at `path` is read at the first `render` and kept. While it is missing, each call
 * tries again. `assets`: URL of the folder of assets, relative to the page, because a proxy may serve both
 * under any path.
 */
export function createPage(path: string, assets = 'assets/'): Page {
  let template: string | undefined
  let scriptSources: string[] = []
  return {
    render(title, config) {
      if (template === undefined) {
        template = readIfExists(path)?.replaceAll(builtAssets, () => `"${assets}`)
        if (template === undefined) return undefined
        scriptSources = sourcesOfScripts(template)
      }
      // Replacements are functions, because `replace` would interpret `$&` in a replacement string, and a
      // title may contain that.
      const html = template
        .replaceAll(titlePlaceholder, () => escapeHtml(title))
        .replace(configPlaceholder, () => scriptJson(config))
      return { html, scriptSources }
    },
  }
}

/**
 * Returns the CSP sources of the inline scripts in a template. Title and configuration are not filled in yet,
 * so a script in one of them would have no source and not run.
 */
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

/**
 * Returns JSON to be put into a script element. It contains no character that could end the element or start
 * a comment.
 */
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

/** Escapes text for element content and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
