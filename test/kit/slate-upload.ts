import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Whole } from './whole.ts'

/** Makes a PNG picture of one colour with ffmpeg. */
export async function makePicture(colour: string, size = '640x360'): Promise<Buffer> {
  const source = ['-v', 'error', '-f', 'lavfi', '-i', `color=${colour}:size=${size}`, '-frames:v', '1']
  const output = ['-f', 'image2', '-c:v', 'png', 'pipe:1']
  const { stdout } = await promisify(execFile)('ffmpeg', [...source, ...output], { encoding: 'buffer' })
  return stdout
}

/** Sets the slate of a channel to a PNG picture. @throws Error with the text of a response that is not 200 */
export async function uploadSlate(
  { managerUrl, adminToken }: Pick<Whole, 'managerUrl' | 'adminToken'>,
  slug: string,
  picture: Buffer,
): Promise<void> {
  const response = await fetch(`${managerUrl}/v1/channels/${slug}/slate`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'image/png' },
    body: new Uint8Array(picture),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${text}`)
}
