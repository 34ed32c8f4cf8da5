/** Networks from 10.64.0.0/24 to 10.191.255.0/24 are tried. */
const [firstSecond, seconds] = [64, 128]

/**
 * Returns a private network of 256 addresses that shares none with the destinations of the routes.
 * `routes`: lines of `ip route`. `start`: whole number that chooses the first network that is tried, so that
 * two runs begin with different ones.
 * @throws Error when there is none
 */
export function freeNetwork(routes: readonly string[], start: number): { base: string; cidr: string } {
  const taken = routes.flatMap(rangeOf)
  const count = seconds * 256
  for (let tried = 0; tried < count; tried++) {
    const index = (start + tried) % count
    const base = `10.${firstSecond + Math.floor(index / 256)}.${index % 256}`
    const from = numberOf(`${base}.0`)
    if (taken.every((range) => range.to < from || range.from > from + 255))
      return { base, cidr: `${base}.0/24` }
  }
  throw new Error('all private networks are in use')
}

/** Returns the addresses of a route's destination; none for the default route, which has all the others. */
function rangeOf(line: string): { from: number; to: number }[] {
  const [, address, bits = '32'] = /(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?/.exec(destinationOf(line)) ?? []
  if (address === undefined || bits === '0') return []
  const size = 2 ** (32 - Number(bits))
  const from = Math.floor(numberOf(address) / size) * size
  return [{ from, to: from + size - 1 }]
}

/** Routes of some types begin with a word, such as `local` and `broadcast`. */
const destinationOf = (line: string) =>
  /^\s*(?:[a-z]+ )?(\S+)/.exec(line.replace(/^default .*/, ''))?.[1] ?? ''

const numberOf = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
