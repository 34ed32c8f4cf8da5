import { expect, test } from 'vitest'
import { edgeReport } from '../../test/kit/edge/edge-report.ts'
import { type SteeringRequest, steeringManifest, timeToLive } from './steering-manifest.ts'

const sessionId = 's_AAAAAAAAAAAAAAAAAAAAAA'
const rendition = { passthrough: true, codecs: null, width: null, height: null, fps: null, bandwidth: 1 }
const origin = {
  sessionId,
  renditions: [
    { ...rendition, name: '720p', kind: 'video' as const },
    { ...rendition, name: 'audio', kind: 'audio' as const },
  ],
}
const request: SteeringRequest = {
  slug: 'show',
  session: sessionId,
  from: 'a',
  current: 'a',
  token: '',
  host: 'manager.example',
}

test('a player stays at its edge and receives the URIs of the same playlists at the other', () => {
  expect(steeringManifest([edgeReport('a'), edgeReport('b')], origin, request)).toEqual({
    VERSION: 1,
    TTL: 5,
    'RELOAD-URI': `show?session=${sessionId}&from=a`,
    'PATHWAY-PRIORITY': ['a', 'b'],
    'PATHWAY-CLONES': [
      {
        'BASE-ID': 'a',
        ID: 'b',
        'URI-REPLACEMENT': {
          'PER-VARIANT-URIS': {
            '720p': `https://b.example/live/show/${sessionId}/720p.m3u8`,
            audio: `https://b.example/live/show/${sessionId}/audio.m3u8`,
          },
          'PER-RENDITION-URIS': { audio: `https://b.example/live/show/${sessionId}/audio.m3u8` },
        },
      },
    ],
  })
})

test('URIs at the other edge contain the playback token', () => {
  const manifest = steeringManifest([edgeReport('a'), edgeReport('b')], origin, {
    ...request,
    token: '12.x.y',
  })
  expect(manifest?.['RELOAD-URI']).toBe(`show?session=${sessionId}&from=a&token=12.x.y`)
  expect(JSON.stringify(manifest)).toContain(`https://b.example/live/t/12.x.y/show/${sessionId}/720p.m3u8`)
})

test('an edge without a public URL is reached by the name by which the manager was reached', () => {
  const { place, ...report } = edgeReport('b')
  const manifest = steeringManifest(
    [edgeReport('a'), { ...report, place: { ...place, url: null } }],
    origin,
    request,
  )
  expect(JSON.stringify(manifest)).toContain(`http://manager.example:8088/live/show/${sessionId}/720p.m3u8`)
})

test('a player whose edge ended is sent to another one, also when it was moved before', () => {
  const priorityOf = (edges: string[], current: string) =>
    steeringManifest(
      edges.map((edge) => edgeReport(edge)),
      origin,
      { ...request, current },
    )?.['PATHWAY-PRIORITY']
  expect(priorityOf(['b'], 'a')).toEqual(['b'])
  expect(priorityOf(['b', 'c'], 'b')?.[0]).toBe('b')
  expect(priorityOf(['c'], 'b')).toEqual(['c'])
})

test('without knowing which playlists the player has, it is not moved', () => {
  const edges = [edgeReport('a'), edgeReport('b')]
  const unknown = steeringManifest(edges, undefined, { ...request, current: 'b' })
  expect([unknown?.['PATHWAY-PRIORITY'], unknown?.['PATHWAY-CLONES']]).toEqual([['b', 'a'], []])
  expect(steeringManifest([], undefined, request)?.['PATHWAY-PRIORITY']).toEqual(['a'])
  expect(steeringManifest([], undefined, { ...request, from: undefined, current: undefined })).toBeUndefined()
})

test('a response lists at most eight edges', () => {
  const edges = Array.from({ length: 30 }, (_, i) => edgeReport(`e${i}`))
  const manifest = steeringManifest(edges, origin, { ...request, from: 'e7', current: 'e7' })
  expect(manifest?.['PATHWAY-PRIORITY']).toHaveLength(8)
  expect(manifest?.['PATHWAY-PRIORITY'][0]).toBe('e7')
  expect(manifest?.['PATHWAY-CLONES']).toHaveLength(7)
})

test('the more viewers there are, the less often each asks', () => {
  expect([0, 2500, 10_000, 1_000_000].map(timeToLive)).toEqual([5, 5, 20, 60])
})
