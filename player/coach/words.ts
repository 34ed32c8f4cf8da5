import type { HealthView } from '../../core/api/health.ts'

type Verdict = HealthView['verdict']
type State = Verdict | 'interrupted' | 'never' | 'unknown' | 'away' | 'loading'

/** What the page says around the sentences about issues, which come from the manager. */
export interface Words {
  /** The word and a sentence for each state of the signal. */
  states: Record<State, readonly [word: string, sentence: string]>
  /** The sentences on a show that is over. */
  past: Record<Verdict, string>
  live: string
  /** Above the verdict on a show that is over; with its start and its length. */
  report: (start: string, length: string) => string
  issues: string
  pastIssues: string
  severities: Record<HealthView['issues'][number]['severity'], string>
  viewersNotice: string
  toChange: string
  /** How long an issue has been present, and how long it was in a show that is over. */
  since: (length: string) => string
  lasted: (length: string) => string
  numbers: string
  pastNumbers: string
  bitrate: string
  sound: string
  frameRate: string
  keyframes: string
  jitter: string
  delay: string
  every: (seconds: string) => string
  graph: string
  now: string
  ago: (length: string) => string
  hours: string
  minutes: string
  seconds: string
}

const english: Words = {
  states: {
    good: ['Good', 'Your signal is fine.'],
    fair: ['Fair', 'Viewers may notice something.'],
    poor: ['Poor', 'Viewers cannot watch well.'],
    none: ['Waiting', 'The signal is being measured.'],
    interrupted: ['Interrupted', 'Your connection is lost. The show waits for your return.'],
    never: ['Not live yet', 'Start streaming in OBS, and the verdict appears here.'],
    unknown: ['Address not valid', 'The stream key was replaced. Ask for a new address.'],
    away: ['No answer', 'The server does not respond. This page tries again.'],
    loading: ['…', ''],
  },
  past: {
    good: 'The signal was fine.',
    fair: 'Viewers may have noticed something.',
    poor: 'Viewers could not watch well.',
    none: 'No measurements of this show were kept.',
  },
  live: 'Live',
  report: (start, length) => `Report of the show of ${start}, ${length}`,
  issues: 'What to do',
  pastIssues: 'What was found',
  severities: { error: 'Problem', warning: 'Warning', info: 'Hint' },
  viewersNotice: 'Viewers',
  toChange: 'Change',
  since: (length) => `for ${length}`,
  lasted: (length) => `${length} in total`,
  numbers: 'Right now',
  pastNumbers: 'The show in figures',
  bitrate: 'Bitrate',
  sound: 'Sound',
  frameRate: 'Frame rate',
  keyframes: 'Keyframes',
  jitter: 'Jitter',
  delay: 'Late by',
  every: (seconds) => `every ${seconds} s`,
  graph: 'Bitrate of the video',
  now: 'now',
  ago: (length) => `${length} ago`,
  hours: 'h',
  minutes: 'min',
  seconds: 's',
}

const korean: Words = {
  states: {
    good: ['좋음', '방송 신호가 정상입니다.'],
    fair: ['보통', '시청자가 불편을 느낄 수 있습니다.'],
    poor: ['나쁨', '시청자가 제대로 볼 수 없습니다.'],
    none: ['기다리는 중', '신호를 측정하고 있습니다.'],
    interrupted: ['중단됨', '연결이 끊겼습니다. 다시 연결되기를 기다립니다.'],
    never: ['방송 전', 'OBS에서 방송을 시작하면 여기에 결과가 나옵니다.'],
    unknown: ['잘못된 주소', '스트림 키가 바뀌었습니다. 새 주소를 요청하세요.'],
    away: ['응답 없음', '서버가 응답하지 않습니다. 다시 시도합니다.'],
    loading: ['…', ''],
  },
  past: {
    good: '방송 신호가 정상이었습니다.',
    fair: '시청자가 불편을 느꼈을 수 있습니다.',
    poor: '시청자가 제대로 볼 수 없었습니다.',
    none: '이 방송의 측정 기록이 없습니다.',
  },
  live: '방송 중',
  report: (start, length) => `${start} 방송 보고서, ${length}`,
  issues: '해야 할 일',
  pastIssues: '발견된 문제',
  severities: { error: '문제', warning: '경고', info: '참고' },
  viewersNotice: '시청자',
  toChange: '해결',
  since: (length) => `${length}째`,
  lasted: (length) => `모두 ${length}`,
  numbers: '현재 상태',
  pastNumbers: '방송 통계',
  bitrate: '비트레이트',
  sound: '소리',
  frameRate: '프레임레이트',
  keyframes: '키프레임',
  jitter: '지터',
  delay: '늦어짐',
  every: (seconds) => `${seconds}초마다`,
  graph: '영상 비트레이트',
  now: '지금',
  ago: (length) => `${length} 전`,
  hours: '시간',
  minutes: '분',
  seconds: '초',
}

export type Language = 'en' | 'ko'

/** Returns the language of the page: Korean if the browser prefers it to English. */
export const languageOf = (preferred: readonly string[]): Language =>
  preferred
    .find((language) => /^(?:en|ko)\b/i.test(language))
    ?.toLowerCase()
    .startsWith('ko')
    ? 'ko'
    : 'en'

export const wordsOf = (language: Language): Words => (language === 'ko' ? korean : english)

/** Writes a length in words: `45 s`, `3 min 5 s`, `2 h 10 min`. */
export function lengthText(totalSeconds: number, { hours, minutes, seconds }: Words): string {
  const whole = Math.max(0, Math.round(totalSeconds))
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), hours],
    [Math.floor(whole / 60) % 60, minutes],
    [whole % 60, seconds],
  ]
  const first = Math.min(
    2,
    parts.findIndex(([count]) => count > 0),
  )
  const shown = parts.slice(first === -1 ? 2 : first, first === -1 ? 3 : first + 2)
  // Korean units follow their numbers without a space.
  const space = seconds === '초' ? '' : ' '
  return shown
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => `${count}${space}${unit}`)
    .join(' ')
}
