import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { createPoll } from '../mechanisms/poll.ts'
import { messageOf } from '../process/errors.ts'
import type { Log } from '../process/log.ts'
import { readTlsFiles, type TlsFiles } from './tls-files.ts'

/** Paths of the certificate and its key. TLS is off when neither is set. */
export interface CertificatePaths {
  tlsCert: string | undefined
  tlsKey: string | undefined
}

export interface Certificate {
  readonly files: TlsFiles
  /** When the certificate expires, ms since the epoch. */
  readonly validUntil: number
}

/**
 * Reads the certificate of a listener; undefined when no files are set.
 * @throws NowcastError `bad_settings`, one line, when only one file is set or the files are not valid.
 */
export function readCertificate({ tlsCert, tlsKey }: CertificatePaths): Certificate | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  const files = readTlsFiles(tlsCert, tlsKey, tlsCert === undefined ? 'NOWCAST_TLS_KEY' : 'NOWCAST_TLS_CERT')
  return { files, validUntil: new X509Certificate(files.cert).validToDate.getTime() }
}

/**
 * Watches the certificate files of a listener, and calls `onChange` with the new files after each renewal,
 * until the returned `close` is called.
 */
export function keepCertificate(
  first: Certificate,
  paths: CertificatePaths,
  onChange: (files: TlsFiles) => void,
  log: Log,
) {
  let current = first
  const close = watchCertificate(
    paths,
    (renewed) => {
      current = renewed
      onChange(renewed.files)
    },
    { log },
  )
  return {
    close,
    /** When the certificate in use expires, ms since the epoch. */
    get validUntil() {
      return current.validUntil
    },
  }
}

/**
 * Calls `onChange` with the new certificate when the files have changed and then stayed the same for one
 * poll, so that the certificate is not read while its key is still to be written. An invalid certificate is
 * logged and the previous one stays. Symbolic links are followed each time, because mounted secrets are
 * replaced that way. The returned function ends the watch.
 */
function watchCertificate(
  paths: CertificatePaths,
  onChange: (certificate: Certificate) => void,
  { log, everyMs = 500 }: { log: Log; everyMs?: number },
): () => void {
  let usedStamp: string | undefined
  let lastStamp: string | undefined

  async function check() {
    const stamps = await Promise.all([paths.tlsCert, paths.tlsKey].map(stampOf))
    const stamp = stamps.join(' ')
    usedStamp ??= stamp
    const isSettled = stamp === lastStamp
    lastStamp = stamp
    if (stamp === usedStamp || !isSettled) return
    usedStamp = stamp
    try {
      const certificate = readCertificate(paths)
      if (certificate === undefined) return
      onChange(certificate)
      log.info({ validUntil: new Date(certificate.validUntil).toISOString() }, 'certificate replaced')
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'the new certificate is not valid, the previous one stays')
    }
  }
  const poll = createPoll(check, { everyMs })
  return () => void poll.close()
}

/** Returns a text that changes when the file is written, replaced or removed. */
async function stampOf(path: string | undefined): Promise<string> {
  if (path === undefined) return ''
  return await stat(path).then(
    ({ mtimeMs, ino, size }) => `${mtimeMs}/${ino}/${size}`,
    () => 'none',
  )
}
