export interface OddConnection {
  pieces: string[]
  requests: number
}

/** Makes requests that are plain, slightly off, or hostile, the same ones for the same seed. */
export function createOddRequests(seed: number, targets: readonly string[]) {
  let state = seed
  /** A number in 0..1 (mulberry32). */
  function random(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const often = <T>(usual: T, values: readonly T[], share = 0.85): T =>
    random() < share ? usual : pick(values)

  const methods = [
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
  const versions = [
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
  const ends = ['\n', '\r', '\r\r\n', '\n\r\n', ' \r\n', '\0\r\n']
  const fields = [
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
  const oddFields = [
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
  const bodies = [
    '',
    '',
    '',
    'abc',
    '0\r\n\r\n',
    '3\r\nabc\r\n0\r\n\r\n',
    'GET /live/demo/index.m3u8 HTTP/1.1\r\n\r\n',
  ]

  function target(): string {
    const plain = pick(targets)
    return often(plain, [
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
    ])
  }

  function request(): string {
    const lines: string[] = []
    if (random() < 0.97)
      lines.push(often('Host: a', ['host:a', 'HOST:\ta ', 'Host: a, b', 'Host: [::1]:80'], 0.9))
    while (random() < 0.6) lines.push(pick(fields))
    while (random() < 0.12) lines.splice(Math.floor(random() * (lines.length + 1)), 0, pick(oddFields))
    const end = () => often('\r\n', ends, 0.99)
    const space = () => often(' ', ['  ', '\t', ''], 0.99)
    const method = often(random() < 0.2 ? 'HEAD' : 'GET', methods, 0.93)
    const first = method + space() + target() + space() + often('HTTP/1.1', versions, 0.95)
    return [first, ...lines].map((line) => line + end()).join('') + end()
  }

  /** Cuts a text into a few pieces. */
  function cut(text: string): string[] {
    if (random() < 0.5) return [text]
    const at = Math.floor(random() * text.length)
    return random() < 0.7 ? [text.slice(0, at), text.slice(at)] : [text.slice(0, at), ...cut(text.slice(at))]
  }

  return {
    /** The bytes of one connection: a request or a few, and what may follow them, in pieces. */
    connection(): OddConnection {
      const pieces: string[] = []
      let requests = 0
      do {
        requests += 1
        const text = request() + (random() < 0.15 ? pick(bodies) : '')
        pieces.push(...cut(text))
      } while (random() < 0.5)
      // Joined pieces are pipelined requests.
      return { pieces: random() < 0.3 ? [pieces.join('')] : pieces, requests }
    },
  }
}
