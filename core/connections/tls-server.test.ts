import { constants } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeCertificate } from '../../test/kit/http/certificates.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { createTlsServer, renewCertificate } from './tls-server.ts'

test('a server refuses renegotiation also after its certificate was renewed', () => {
  const dir = makeTempDir()
  const { cert, key } = makeCertificate(dir.path, 'server')
  const files = { cert: readFileSync(cert), key: readFileSync(key) }
  dir.remove()
  const server = createTlsServer(files, 1000)
  const options = () => (server as unknown as { secureOptions: number | undefined }).secureOptions
  expect(options()).toBe(constants.SSL_OP_NO_RENEGOTIATION)
  renewCertificate(server, files)
  expect(options()).toBe(constants.SSL_OP_NO_RENEGOTIATION)
})
