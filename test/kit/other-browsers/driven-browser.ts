/** A browser with one page, which a test controls. */
export interface DrivenBrowser {
  /** Opens a URL in the page. Resolves when its document is parsed, or later. */
  open(url: string): Promise<void>
  /**
   * Runs a function in the page. Its text is sent, so it must not use anything outside of itself. Returns its
   * result, which must be JSON.
   */
  evaluate<T>(read: () => T): Promise<T>
  /** Ends the browser with all its processes and removes its files. */
  stop(): Promise<void>
}

/** Returns an expression of JavaScript that calls `read`. Its value is the result as JSON. */
export const expressionOf = (read: () => unknown): string => `JSON.stringify((${read})())`

/** Returns the environment of a browser that keeps all its files in a folder. */
export const environmentIn = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  HOME: folder,
  TMPDIR: folder,
  XDG_CACHE_HOME: folder,
  XDG_CONFIG_HOME: folder,
  XDG_DATA_HOME: folder,
  XDG_RUNTIME_DIR: folder,
})
