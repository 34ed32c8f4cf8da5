import { expect, test } from 'vitest'
import { addSteering } from './steering-tag.ts'

const playlist = `#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="s/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="audio"
s/720p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="audio"
s/360p.m3u8
`
const steered = `#EXTM3U
#EXT-X-CONTENT-STEERING:SERVER-URI="http://m/steering/show",PATHWAY-ID="a"
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="s/audio.m3u8"
#EXT-X-STREAM-INF:PATHWAY-ID="a",BANDWIDTH=2,AUDIO="audio"
s/720p.m3u8
#EXT-X-STREAM-INF:PATHWAY-ID="a",BANDWIDTH=1,AUDIO="audio"
s/360p.m3u8
`

test('the tag comes once, and each variant says whose it is', () => {
  expect(addSteering(playlist, { serverUri: 'http://m/steering/show', pathway: 'a' })).toBe(steered)
})

test('what an edge further up added gives way', () => {
  const upstream = addSteering(playlist, { serverUri: 'http://elsewhere/', pathway: 'shield' })
  expect(addSteering(upstream, { serverUri: 'http://m/steering/show', pathway: 'a' })).toBe(steered)
})
