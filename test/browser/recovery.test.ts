import { test } from 'vitest'
import { useWatchFixture } from '../kit/watch-fixture.ts'

const fixture = useWatchFixture()
const { state, playsOn, withChannel, watchUrl } = fixture

test.each(['transcoder', 'edge', 'ingest', 'manager'])(
  'playback resumes automatically after the %s was killed',
  async (role) => {
    const whole = fixture.whole()
    const page = fixture.page()
    await withChannel(`killed-${role}`, async (publish) => {
      publish()
      await whole.untilLive(`killed-${role}`)
      await page.goto(watchUrl(`killed-${role}`))
      await state('playing')
      const [pid] = whole.rolePids(role)
      process.kill(pid ?? Number.NaN, 'SIGKILL')
      // This publisher does not reconnect by itself, as a real encoder would.
      if (role === 'ingest') {
        await page.getByText('The broadcaster is away', { exact: true }).waitFor()
        await whole.untilListening()
        publish()
      }
      await state('playing')
      await playsOn(4)
      await whole.untilReady()
    })
  },
  120_000,
)
