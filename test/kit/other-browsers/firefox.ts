import { startProcess } from '../processes.ts'
import { makeTempDir } from '../temp-dir.ts'
import { connectBidi } from './bidi.ts'
import { type DrivenBrowser, environmentIn, expressionOf } from './driven-browser.ts'
import { stopFamily } from './family.ts'

/** Result of `script.evaluate`, as far as it is used. */
interface Evaluated {
  result?: { value: string }
  exceptionDetails?: { text: string }
}

/** Starts Firefox without a window. It is controlled with WebDriver BiDi. */
export async function startFirefox(): Promise<DrivenBrowser> {
  const dir = makeTempDir()
  const firefox = startProcess(
    'firefox-esr',
    ['--headless', '--no-remote', '--profile', dir.path, '--remote-debugging-port', '0', 'about:blank'],
    { env: environmentIn(dir.path) },
  )
  async function stop() {
    await stopFamily(firefox)
    dir.remove()
  }
  try {
    const line = await firefox.line(/WebDriver BiDi listening on/, 60_000)
    const bidi = await connectBidi(`${/ws:\S+/.exec(line)?.[0]}/session`)
    await bidi.send('session.new', { capabilities: {} })
    const { contexts } = await bidi.send<{ contexts: { context: string }[] }>('browsingContext.getTree', {})
    const context = contexts[0]?.context
    return {
      async open(url) {
        await bidi.send('browsingContext.navigate', { context, url, wait: 'interactive' })
      },
      async evaluate(read) {
        const params = { expression: expressionOf(read), target: { context }, awaitPromise: false }
        const { result, exceptionDetails } = await bidi.send<Evaluated>('script.evaluate', params)
        if (result === undefined) throw new Error(exceptionDetails?.text)
        return JSON.parse(result.value)
      },
      async stop() {
        bidi.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
