import { freePort } from '../ports.ts'
import { startProcess, type TestProcess } from '../processes.ts'
import { makeTempDir } from '../temp-dir.ts'
import { waitFor } from '../wait-for.ts'
import { type DrivenBrowser, environmentIn, expressionOf } from './driven-browser.ts'
import { stopFamily } from './family.ts'

/** Maximum time for the response to a command, ms. The first one starts the browser. */
const timeoutMs = 60_000

/** Sends a command of WebDriver (https://www.w3.org/TR/webdriver2/). Returns the value of its response. */
async function send<T>(method: 'GET' | 'POST' | 'DELETE', url: string, params?: object): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(params && { body: JSON.stringify(params) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } }
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`)
  return value
}

/** Starts the MiniBrowser of WebKitGTK on a display of its own. It is controlled with WebDriver. */
export async function startWebKitGtk(): Promise<DrivenBrowser> {
  const dir = makeTempDir()
  const display = startProcess('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'])
  let driver: TestProcess | undefined
  async function stop() {
    if (driver !== undefined) await stopFamily(driver)
    await display.stop()
    dir.remove()
  }
  try {
    const port = await freePort()
    driver = startProcess('WebKitWebDriver', [`--port=${port}`], {
      env: {
        ...environmentIn(dir.path),
        DISPLAY: `:${await display.line(/^\d+$/)}`,
        GDK_BACKEND: 'x11',
        // The browser needs no services of a desktop.
        DBUS_SESSION_BUS_ADDRESS: 'disabled:',
        GSETTINGS_BACKEND: 'memory',
        NO_AT_BRIDGE: '1',
        // Containers do not allow the namespaces of the sandbox.
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      },
    })
    const url = `http://127.0.0.1:${port}`
    await waitFor('WebKitWebDriver', () => send('GET', `${url}/status`))
    const { sessionId } = await send<{ sessionId: string }>('POST', `${url}/session`, { capabilities: {} })
    const session = `${url}/session/${sessionId}`
    return {
      async open(page) {
        await send('POST', `${session}/url`, { url: page })
      },
      async evaluate(read) {
        const params = { script: `return ${expressionOf(read)}`, args: [] }
        return JSON.parse(await send<string>('POST', `${session}/execute/sync`, params))
      },
      async stop() {
        await send('DELETE', session).catch(() => {})
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
