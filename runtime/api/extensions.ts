// The Extensions API, 2020-01-01, as far as a runtime needs it: an internal extension with no events. Nothing ever comes
// of it, but where one is registered Lambda sends SIGTERM before it ends a process, also at a timeout.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
import type { HttpClient } from '../contract.ts'
import { createHttpClient } from './http-client.ts'

const REGISTER = '/2020-01-01/extension/register'
const EVENT_NEXT = '/2020-01-01/extension/event/next'
/** Unique among a function's extensions; an external one is called as its file under /opt/extensions. */
const EXTENSION_NAME = 'baton'
const IDENTIFIER = 'lambda-extension-identifier'
/** An answer to `event/next` is not expected; without the request every invocation would time out. */
const MAX_EVENT_NEXTS = 3
/** An API that takes the request and never answers must not stop the function. */
const MAX_WAIT_MS = 200

export interface ExtensionOptions {
  readonly host: string
  readonly port: number
  readonly userAgent: string
}

export interface Registration {
  /** One turn of the event loop, in which the registration leaves: to be answered while the function's modules load. */
  sent(): Promise<void>
  /**
   * Resolves when the API has answered, whatever it said, or not within 200 ms. The first `next` must not be asked for
   * before: it closes the registration.
   */
  settled(): Promise<void>
}

/**
 * Registers the extension. An API that refuses, or that is not there (emulators, old ones of Lambda's own), changes
 * nothing for the function: there will be no SIGTERM. None of its connections keeps the process alive.
 */
export function registerExtension(options: ExtensionOptions): Registration {
  const { host, port, userAgent } = options
  const http = createHttpClient({ host, port, isBackground: true })
  let isSettled = false
  const registered = register(http, userAgent).finally(() => {
    isSettled = true
  })
  return {
    sent: () => new Promise(resolve => setImmediate(resolve)),
    async settled() {
      if (isSettled) return
      let timer: NodeJS.Timeout | undefined
      const waited = new Promise<void>(resolve => {
        // It also keeps the event loop busy, which nothing else may do now.
        timer = setTimeout(resolve, MAX_WAIT_MS)
      })
      await Promise.race([registered, waited])
      clearTimeout(timer)
    },
  }
}

/**
 * Without a time limit: once the platform has taken the registration, the request for events must follow, however late
 * its answer is read (the function's modules may block the event loop for seconds).
 */
async function register(http: HttpClient, userAgent: string): Promise<void> {
  try {
    const response = await http.request({
      method: 'POST',
      path: REGISTER,
      headers: {
        'User-Agent': userAgent,
        'Lambda-Extension-Name': EXTENSION_NAME,
        'Content-Type': 'application/json',
      },
      body: '{"events":[]}',
    })
    const identifier = response.headers[IDENTIFIER]
    if (response.statusCode === 200 && identifier !== undefined) {
      void waitForEvents(http, {
        'User-Agent': userAgent,
        'Lambda-Extension-Identifier': identifier,
      })
    } else http.close()
  } catch {
    // Nobody there: see above.
  }
}

async function waitForEvents(http: HttpClient, headers: Record<string, string>): Promise<void> {
  for (let attempt = 0; attempt < MAX_EVENT_NEXTS; attempt++) {
    try {
      await http.request({ method: 'GET', path: EVENT_NEXT, headers })
    } catch {
      // Asked again, as after an answer.
    }
  }
}
