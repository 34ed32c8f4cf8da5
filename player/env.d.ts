/// <reference types="vite/client" />

interface Window {
  /** Set by the script in the watch page; not there when nothing can be fetched ahead. */
  nowcastHeadStart?: import('./watch/head-start/head-start.ts').HeadStart
}
