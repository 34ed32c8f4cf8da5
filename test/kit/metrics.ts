import { get } from './http/client.ts'

/**
 * Returns the metric `name` of the process at `url`, summed over all series whose line contains the text
 * `labels`.
 * @throws Error when the process has no metric of this name
 */
export async function readMetric(url: string, name: string, labels = ''): Promise<number> {
  const { body } = await get(`${url}/metrics`, { headers: { 'cache-control': 'no-cache' } })
  const lines = body.toString().split('\n')
  const family = name.replace(/_(?:bucket|count|sum)$/, '')
  if (!lines.some((line) => line.startsWith(`# HELP ${family} `))) throw new Error(`no metric ${name}`)
  return lines
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
