/** Methods other than GET and HEAD, valid and invalid. */
export const methods = [
  'POST',
  'OPTIONS',
  'get',
  'GET ',
  ' GET',
  'GETT',
  'PUT',
  'CONNECT',
  'PRI',
  'G\0ET',
  'TRACE',
  '',
]

/** Versions other than HTTP/1.1, valid and invalid. */
export const versions = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/1.1\0',
  'HTTP/11',
  'HTTP/0.9',
  '',
]

/** Line ends other than CRLF. */
export const headEnds = ['\n', '\r', '\r\r\n', '\n\r\n', ' \r\n', '\0\r\n']

/** Header fields that a usual request may have. */
export const fields = [
  'Accept: */*',
  'Accept-Encoding: gzip, deflate',
  'Accept-Encoding: gzip;q=0',
  'accept-encoding:gzip',
  'User-Agent: a player/1.0 (x; y)',
  'If-None-Match: *',
  'If-None-Match: "x", W/"y"',
  'If-Range: "x"',
  'Range: bytes=0-9',
  'Range: bytes=-5',
  'Range: bytes=5-',
  'Range: bytes=9-2',
  'Range: bytes=99999-',
  'Range: bytes=0-1,3-4',
  'Range: lines=1-2',
  'Connection: keep-alive',
  'Connection: Keep-Alive',
  'CMCD-Session: sid="abc"',
  'Origin: https://page.example',
  'X-Empty:',
  'X-Tab:\ta\tb\t',
  `X-Long: ${'y'.repeat(3000)}`,
]

/**
 * Header fields that concern the connection or the framing, are malformed or too long, or may repeat others.
 */
export const oddFields = [
  'Host: b',
  'Host:',
  'Content-Length: 0',
  'Content-Length: 3',
  'Content-Length: 3, 3',
  'Content-Length: +3',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding : chunked',
  'transfer-encoding:\tchunked',
  'Expect: 100-continue',
  'Expect: something',
  'Upgrade: h2c',
  'Upgrade: websocket',
  'Connection: upgrade',
  'Connection: close',
  'Connection: keep-alive, x',
  'Proxy-Connection: close',
  'Keep-Alive: timeout=1',
  'TE: trailers',
  ' folded: value',
  '\tfolded',
  'No colon',
  ': no name',
  'Na me: value',
  'Na\0me: value',
  'Name : value',
  'X-Bare: a\rb',
  'X-Nul: a\0b',
  'X-High: \xe9\xff',
  'X-Del: a\x7fb',
  'X-Bell: \x07',
  'Accept-Encoding: gzip',
  'User-Agent: second',
  'Range: bytes=1-2',
  `X-Huge: ${'z'.repeat(17_000)}`,
  '"quoted": v',
  '\xefHost: b',
  '',
]

/** Bytes that may follow a request head: none, a body, or a further request. */
export const bodies = [
  '',
  '',
  '',
  'abc',
  '0\r\n\r\n',
  '3\r\nabc\r\n0\r\n\r\n',
  'GET /live/demo/index.m3u8 HTTP/1.1\r\n\r\n',
]

/** Unusual forms of the Host field. */
export const hostFields = ['host:a', 'HOST:\ta ', 'Host: a, b', 'Host: [::1]:80']

/** Returns variants of the target `plain` that are invalid or may mean something else. */
export const oddTargets = (plain: string) => [
  `${plain}#fragment`,
  `http://127.0.0.1${plain}`,
  `${plain} ${plain}`,
  `${plain}\t`,
  `${plain}\0`,
  `${plain}\xe9`,
  `${plain}\x7f`,
  `${plain}?a="<>\\^\`{|}`,
  plain.replace('/live', '/LIVE'),
  plain.replace('/live/', '/live//'),
  plain.replace('demo', '%64emo'),
  plain.replace('demo', '../demo'),
  '*',
  '/',
  '/live/',
  'live/demo/index.m3u8',
  '127.0.0.1:80',
  '',
]
