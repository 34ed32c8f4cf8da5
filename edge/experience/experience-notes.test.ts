import { expect, test } from 'vitest'
import { sketchQuantile } from '../../core/contracts/sketch.ts'
import { createExperienceNotes } from './experience-notes.ts'
import { newReport, type PlayerReport } from './player-report.ts'
import { createRecentExperience } from './recent-experience.ts'

const report = (change: Partial<PlayerReport>): PlayerReport => ({ ...newReport(), ...change })

test('reports are counted by channel and rendition, and taken once by channel', () => {
  const notes = createExperienceNotes()
  notes.add('show', '720p', report({ latencyMs: 1400, stalledMs: 500, playedMs: 1500 }), 0)
  notes.add('show', '360p', report({ latencyMs: 1400, ranDry: true }), 0)
  const [high, low] = notes.tallies()
  expect([high?.rendition, high?.stalledMs, high?.playedMs, high?.stalls]).toEqual(['720p', 500, 1500, 0])
  expect([low?.rendition, low?.stalls]).toEqual(['360p', 1])
  // The fourth bucket is from 1000 to 1500 ms.
  expect(high?.histograms.latencyMs.counts).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  const [delta] = notes.takeDelta(1)
  expect(delta?.[0]).toBe('show')
  expect(delta?.[1]).toMatchObject({ stalledMs: 500, playedMs: 1500 })
  expect(sketchQuantile(delta?.[1].measures.latencyMs ?? {}, 0.5)).toBeCloseTo(1400, -2)
  expect(notes.takeDelta(2)).toEqual([])
})

test('reports about audio do not count for the picture', () => {
  const notes = createExperienceNotes()
  notes.add('show', 'audio', report({ isAudio: true, bitrate: 128_000, bufferMs: 9000 }), 0)
  expect(notes.takeDelta(1)).toEqual([])
})

test('memory is bounded, and old renditions are forgotten', () => {
  const notes = createExperienceNotes({ limit: 10, forgetAfterMs: 1000 })
  for (let n = 0; n < 100; n += 1) notes.add(`c${n}`, '720p', report({ bufferMs: 1 }), 0)
  expect([...notes.tallies()]).toHaveLength(10)
  expect(notes.takeDelta(999)).toHaveLength(10)
  expect([...notes.tallies()]).toHaveLength(10)
  notes.takeDelta(1000)
  expect([...notes.tallies()]).toHaveLength(0)
  notes.add('c50', '720p', report({ bufferMs: 1 }), 1000)
  expect([...notes.tallies()]).toHaveLength(1)
})

test('recent experience fades, join times more slowly than the rest', () => {
  const notes = createExperienceNotes()
  notes.add('show', '720p', report({ joinMs: 800, latencyMs: 1400, playedMs: 1000 }), 0)
  const recent = createRecentExperience()
  for (const [slug, delta] of notes.takeDelta(0)) recent.add(slug, delta)
  expect(Object.keys(recent.at(0).show?.measures ?? {})).toEqual(['joinMs', 'latencyMs'])
  expect(recent.at(60_000).show?.playedMs).toBe(500)
  expect(Object.keys(recent.at(600_000).show?.measures ?? {})).toEqual(['joinMs'])
  expect(recent.at(4_000_000)).toEqual({})
})
