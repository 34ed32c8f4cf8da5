/** Whether `Accept-Encoding` names gzip and does not refuse it with `q=0` (RFC 9110 12.5.3). */
export function acceptsGzip(acceptEncoding: string | string[] | undefined): boolean {
  if (acceptEncoding === undefined) return false
  const text = String(acceptEncoding).toLowerCase()
  if (!text.includes('gzip')) return false
  return text.split(',').some((coding) => {
    const [name, ...parameters] = coding.split(';').map((each) => each.trim())
    return name === 'gzip' && !parameters.some((each) => /^q\s*=\s*0(?:\.0*)?$/.test(each))
  })
}
