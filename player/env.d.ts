/// <reference types="vite/client" />

interface Window {
  /**
   * Set by the inline script of the watch page; missing without a channel or without Media Source Extensions.
   */
  nowcastHeadStart?: import('./watch/head-start/head-start.ts').HeadStart
}
