import { expect, test } from 'vitest'
import { issueCodes, unitOfCode } from '../issues/issue.ts'
import { english } from './en.ts'
import { korean } from './ko.ts'
import { languages, sentencesOf } from './sentences.ts'

const issue = { code: 'keyframe_interval_long', measured: 6000, wanted: 2000 } as const

test('the sentences of an issue have its figures, in both languages', () => {
  expect(sentencesOf(issue, 'en')).toEqual({
    problem: 'Keyframes come every 6 s instead of 2 s.',
    effect: 'It takes long until the picture appears, and quality changes late.',
    fix: 'In OBS set Settings → Output → Streaming → Keyframe Interval to 2 s.',
  })
  expect(sentencesOf(issue, 'ko').problem).toBe('키프레임 간격이 6초입니다. 2초가 좋습니다.')
})

test('figures are written with their units', () => {
  const problem = (code: Parameters<typeof sentencesOf>[0]['code'], measured: number | string, wanted = 0) =>
    sentencesOf({ code, measured, wanted }, 'en').problem
  expect(problem('starved', 950)).toContain('for 950 ms.')
  expect(problem('starved', 3250)).toMatch(/for 3\.3 s\.$/)
  expect(problem('video_bitrate_low', 203_400, 2_500_000)).toMatch(/203 kbps.* 2\.5 Mbps/)
  expect(problem('video_bitrate_high', 16_400_000, 10_000_000)).toMatch(/16 Mbps.* 10 Mbps/)
  expect(problem('frame_rate_low', 14.99, 29.97)).toMatch(/14\.99 fps.* 29\.97 fps/)
  expect(problem('audio_sample_rate', 22_050)).toContain('22.05 kHz')
  expect(problem('frames_missing', 1.4)).toContain('1.4 %')
  expect(problem('resolution_odd', '1366×600')).toContain('1366×600')
})

test.each([
  ['English', english, /^[A-Z{"].*[.%]$/],
  ['Korean', korean, /[가-힣].*\.$/],
])('%s has three whole sentences for each code, with the same figures', (_, texts, form) => {
  for (const code of issueCodes) {
    for (const text of texts[code]) expect(text).toMatch(form)
    const figures = (all: readonly string[]) => all.join(' ').match(/\{\w+\}/g) ?? []
    for (const figure of figures(texts[code])) expect(['{measured}', '{wanted}']).toContain(figure)
    if (unitOfCode[code] !== 'text') expect(texts[code][0]).toContain('{measured}')
  }
})

test('no sentence keeps a placeholder', () => {
  for (const language of languages)
    for (const code of issueCodes) {
      const sentences = sentencesOf({ code, measured: 1, wanted: 2 }, language)
      expect(Object.values(sentences).join()).not.toMatch(/[{}]/)
    }
})
