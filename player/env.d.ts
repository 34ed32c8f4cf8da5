/// <reference types="vite/client" />

interface Window {
  /** Set by the inline script of the watch page; missing without a channel or without `MediaSource`. */
  nowcastHeadStart?: import('./watch/head-start/head-start.ts').HeadStart
}
