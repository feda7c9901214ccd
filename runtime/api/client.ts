// The Runtime API, 2018-06-01, as a typed client. Names and paths are AWS's; https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import type { HttpResponse } from '../contract.ts'
import { ConnectionError, RuntimeApiError } from '../errors.ts'
import type { ErrorReport } from '../failure/error-report.ts'
import type { StreamingHttpClient } from './http-client.ts'
import type { StreamingRequest } from './http-connection.ts'

const INVOCATION = '/2018-06-01/runtime/invocation'
const INIT_ERROR = '/2018-06-01/runtime/init/error'
const CONTENT_TYPE = 'application/json'

/** How a streamed answer says at its end that it failed: what the type is called, and the report in base64. */
export const ERROR_TYPE_TRAILER = 'Lambda-Runtime-Function-Error-Type'
export const ERROR_BODY_TRAILER = 'Lambda-Runtime-Function-Error-Body'

/** Before the first event the API may still be starting: three more attempts within a second. */
const FIRST_NEXT_RETRY_DELAYS_MS: readonly number[] = [100, 300, 600]

export class RuntimeApiClient {
  readonly #http: StreamingHttpClient
  readonly #userAgent: string
  #hasServed = false

  /** `userAgent` goes with every call; the platform keeps its first token as the name of the runtime. */
  constructor(http: StreamingHttpClient, userAgent: string) {
    this.#http = http
    this.#userAgent = userAgent
  }

  /** Whether `next` was ever answered: from then on an init error is refused. */
  get hasServed(): boolean {
    return this.#hasServed
  }

  /** The next event. Waits without limit: the sandbox is frozen meanwhile. */
  async next(): Promise<HttpResponse> {
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await this.#call('next', 'GET', `${INVOCATION}/next`)
        this.#hasServed = true
        return response
      } catch (error) {
        const delayMs = FIRST_NEXT_RETRY_DELAYS_MS[attempt]
        const mayRetry =
          error instanceof ConnectionError && !this.#hasServed && delayMs !== undefined
        if (!mayRetry) throw error
        await new Promise(resolve => setTimeout(resolve, delayMs))
      }
    }
  }

  /** Answers the caller. `json` is the result, already written as JSON. */
  async respond(requestId: string, json: string): Promise<void> {
    await this.#call(
      'response',
      'POST',
      `${INVOCATION}/${encodeURIComponent(requestId)}/response`,
      json,
    )
  }

  /**
   * Answers the caller piece by piece. Nothing is sent before the first piece or the end; `response` rejects when the
   * platform did not take the answer.
   */
  streamResponse(requestId: string, contentType: string): StreamingRequest {
    const request = this.#http.stream({
      path: `${INVOCATION}/${encodeURIComponent(requestId)}/response`,
      headers: {
        'User-Agent': this.#userAgent,
        'Content-Type': contentType,
        'Lambda-Runtime-Function-Response-Mode': 'streaming',
      },
      trailerNames: [ERROR_TYPE_TRAILER, ERROR_BODY_TRAILER],
    })
    return { ...request, response: request.response.then(each => accept('response', each)) }
  }

  /** Tells the caller that the invocation failed. */
  async fail(requestId: string, report: ErrorReport): Promise<void> {
    const path = `${INVOCATION}/${encodeURIComponent(requestId)}/error`
    await this.#call('error', 'POST', path, report.body, report.headers)
  }

  /** Tells the platform that the function cannot be loaded; the process must end after it. */
  async failInit(report: ErrorReport): Promise<void> {
    await this.#call('init/error', 'POST', INIT_ERROR, report.body, report.headers)
  }

  async #call(
    operation: string,
    method: 'GET' | 'POST',
    path: string,
    body?: string,
    extraHeaders?: Readonly<Record<string, string>>,
  ): Promise<HttpResponse> {
    const headers: Record<string, string> = { 'User-Agent': this.#userAgent }
    if (body !== undefined) headers['Content-Type'] = CONTENT_TYPE
    Object.assign(headers, extraHeaders)
    const response = await this.#http.request(
      body === undefined ? { method, path, headers } : { method, path, headers, body },
    )
    return accept(operation, response)
  }
}

function accept(operation: string, response: HttpResponse): HttpResponse {
  const { statusCode, body } = response
  if (statusCode >= 200 && statusCode <= 299) return response
  throw new RuntimeApiError(operation, statusCode, body.toString())
}
