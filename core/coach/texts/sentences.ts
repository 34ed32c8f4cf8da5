import { type Figure, type Issue, type Unit, unitOfCode } from '../issues/issue.ts'
import { english } from './en.ts'
import { korean } from './ko.ts'

export const languages = ['en', 'ko'] as const
export type Language = (typeof languages)[number]

const texts = { en: english, ko: korean }

/** An issue in the words of a streamer. */
export interface Sentences {
  /** What is wrong. */
  problem: string
  /** What viewers notice. */
  effect: string
  /** What to change. */
  fix: string
}

/** Returns the sentences about an issue, with its figures. */
export function sentencesOf(
  { code, measured, wanted }: Pick<Issue, 'code' | 'measured' | 'wanted'>,
  language: Language,
): Sentences {
  const unit = unitOfCode[code]
  const fill = (text: string) =>
    text
      .replace('{measured}', () => figureText(measured, unit, language))
      .replace('{wanted}', () => figureText(wanted, unit, language))
  const [problem, effect, fix] = texts[language][code]
  return { problem: fill(problem), effect: fill(effect), fix: fill(fix) }
}

const short = (value: number, decimals: number) => String(Number(value.toFixed(decimals)))

/** Writes a figure with its unit: `6 s`, `320 ms`, `2.5 Mbps`, `1.4 %`, `29.97 fps`. */
function figureText(figure: Figure, unit: Unit, language: Language): string {
  if (typeof figure === 'string') return figure
  const isKorean = language === 'ko'
  switch (unit) {
    case 'ms':
      if (Math.abs(figure) < 1000) return `${Math.round(figure)} ms`
      return isKorean ? `${short(figure / 1000, 1)}초` : `${short(figure / 1000, 1)} s`
    case 'bits/s':
      return figure >= 999_500
        ? `${short(figure / 1e6, figure < 9.95e6 ? 1 : 0)} Mbps`
        : `${Math.round(figure / 1000)} kbps`
    case 'frames/s':
      return `${short(figure, 2)} fps`
    case 'Hz':
      return `${short(figure / 1000, 2)} kHz`
    case 'percent':
      return `${short(figure, 1)} %`
    default:
      return String(figure)
  }
}
