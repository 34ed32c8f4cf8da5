import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { readTlsFiles, type TlsFiles } from '../../core/process/tls-files.ts'

/** Where a certificate lies; neither: no TLS. */
export interface CertificatePaths {
  tlsCert: string | undefined
  tlsKey: string | undefined
}

export interface Certificate {
  readonly files: TlsFiles
  /** When it lapses, ms since the epoch. */
  readonly validUntil: number
}

/** The certificate of an edge; undefined when none is set. @throws NowcastError `bad_settings`, one line, when there is no good one. */
export function readCertificate({ tlsCert, tlsKey }: CertificatePaths): Certificate | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  const files = readTlsFiles(tlsCert, tlsKey, tlsCert === undefined ? 'NOWCAST_TLS_KEY' : 'NOWCAST_TLS_CERT')
  return { files, validUntil: new X509Certificate(files.cert).validToDate.getTime() }
}

/**
 * Looks every `everyMs` whether the files changed, and gives the new certificate once they have been left alone for one look, so that
 * one is not read while the other is still to be written. What cannot be used is told in the log; the former one stays then.
 * Symbolic links are followed each time, as secrets are mounted by those. Gives the function that ends it.
 */
export function watchCertificate(
  paths: CertificatePaths,
  onChange: (certificate: Certificate) => void,
  { log, everyMs = 500 }: { log: Log; everyMs?: number },
): () => void {
  let used: string | undefined
  let seen: string | undefined
  let looking = false

  async function look() {
    const stamps = await Promise.all([paths.tlsCert, paths.tlsKey].map(stampOf))
    const stamp = stamps.join(' ')
    used ??= stamp
    const isSettled = stamp === seen
    seen = stamp
    if (stamp === used || !isSettled) return
    used = stamp
    try {
      const certificate = readCertificate(paths)
      if (certificate === undefined) return
      onChange(certificate)
      log.info(
        { validUntil: new Date(certificate.validUntil).toISOString() },
        'another certificate is in use',
      )
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'the new certificate cannot be used, the former one stays')
    }
  }

  const lookOnce = () => {
    if (looking) return
    looking = true
    void look().finally(() => {
      looking = false
    })
  }
  lookOnce()
  const timer = setInterval(lookOnce, everyMs)
  return () => clearInterval(timer)
}

/** Differs when a file was written, replaced or removed. */
async function stampOf(path: string | undefined): Promise<string> {
  if (path === undefined) return ''
  return await stat(path).then(
    ({ mtimeMs, ino, size }) => `${mtimeMs}/${ino}/${size}`,
    () => 'none',
  )
}
