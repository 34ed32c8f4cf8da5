/// <reference types="vite/client" />

interface Window {
  /** Set by the inline script of the watch page; missing when it cannot request anything ahead. */
  nowcastHeadStart?: import('./watch/head-start/head-start.ts').HeadStart
}
