import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export interface CertificateFiles {
  cert: string
  key: string
}

/**
 * Creates a self-signed certificate for 127.0.0.1 in `<name>.cert.pem` and its key in `<name>.key.pem`.
 * @throws Error with the output of openssl when it fails
 */
export function makeCertificate(directory: string, name: string): CertificateFiles {
  const files = { cert: join(directory, `${name}.cert.pem`), key: join(directory, `${name}.key.pem`) }
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', files.key, '-out', files.cert],
  ])
  if (made.status !== 0) throw new Error(made.stderr.toString())
  return files
}
