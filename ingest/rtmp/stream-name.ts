import type { Refusal } from '../publish/refusal.ts'
import { maxKeyLength } from './limits.ts'

/** Name of the application in the URL of the server, `rtmp://HOST/live`. */
const appName = 'live'
/** Name of the default instance of an application. Some encoders append it to the path. */
const defaultInstance = '_definst_'
/**
 * Maximum length of the server field and of the key field, characters. Parameters in them may be signed
 * tokens.
 */
const maxFieldLength = 4096

/**
 * Beginning of a whole URL: scheme and host, or a host alone when `/live/` follows. People paste a URL where
 * only a part of it belongs.
 */
const urlStart = new RegExp(`^(?:[a-z]+://[^/]*/?|[^/]*[.:][^/]*/(?=${appName}/))`, 'i')
/** A stream key as the manager makes it, inside other text. */
const keyInside = /sk_[\w-]{22}(?![\w-])/
/** Characters that people paste around a key: spaces, control characters, quotation marks, angle brackets. */
const padding = /[\s\p{C}\p{Pi}\p{Pf}"'<>]/u
/** First character of parameters or of a fragment. */
const parameterStart = /[?#&]/

/**
 * Returns the stream key in what people paste into the server and key fields of an encoder, or why the
 * publisher is refused. `app` is the path of the server field (RTMP 1.0 section 7.2.1.1), `streamName` the
 * key field (section 7.2.2.6). Spaces, slashes and parameters around the key do not matter, nor does text
 * next to a key as the manager makes it. Either field may contain the whole URL.
 */
export function streamKeyOf(app: string, streamName: string): string | { refusal: Refusal } {
  if (app.length > maxFieldLength || streamName.length > maxFieldLength) return refuse('bad_key', tooLong)
  const isWhole = urlStart.test(withoutPadding(decoded(streamName)))
  const server = isWhole ? [] : segmentsOf(app)
  const path = [...server, ...segmentsOf(streamName)]
  if (path[0] !== appName) return refuse('unknown_app', wrongServer)
  const isName = (segment: string) => segment !== appName && segment !== defaultInstance
  const names = path.filter(isName).map((name) => keyInside.exec(name)?.[0] ?? name)
  const [key] = names
  if (key === undefined) return refuse('bad_key', 'The stream key is missing.')
  if (key.length > maxKeyLength) return refuse('bad_key', tooLong)
  if (names.every((name) => name === key)) return key
  return server.some(isName) ? refuse('unknown_app', wrongServer) : refuse('bad_key', severalKeys)
}

const wrongServer = `The server address must end with /${appName}. The key has a field of its own.`
const severalKeys = 'There must be no slash inside the stream key.'
const tooLong = 'The stream key is too long.'

/** Returns the path segments of a field that are not empty, without host, parameters and padding. */
function segmentsOf(field: string): string[] {
  const [path = ''] = withoutPadding(decoded(field)).replace(urlStart, '').split(parameterStart, 1)
  return path
    .split('/')
    .map(withoutPadding)
    .filter((segment) => segment !== '')
}

/**
 * Decodes percent-encoding, which some encoders apply to what is pasted. A field with invalid encoding stays
 * as it is.
 */
function decoded(field: string): string {
  try {
    return decodeURIComponent(field)
  } catch {
    return field
  }
}

function withoutPadding(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && padding.test(text[start] ?? '')) start++
  while (end > start && padding.test(text[end - 1] ?? '')) end--
  return text.slice(start, end)
}

const refuse = (reason: Refusal['reason'], description: string) => ({ refusal: { reason, description } })
