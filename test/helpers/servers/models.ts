// A service with models, as OpenAI's, Anthropic's and Google's speak on the wire.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { serveLoopback } from '../../../local/http/loopback-server.ts'
import {
  type Answer,
  answerOf,
  type Body,
  DONE,
  type Event,
  failureEvent,
  failureOf,
} from './model-wire.ts'
import type { TestServer } from './processes.ts'

export interface ModelServer extends TestServer {
  readonly headers: readonly IncomingHttpHeaders[]
}

/** Of a stream that is not whole. */
const FIRST_EVENTS = 2

/**
 * By what the model is called: `broken` is refused, and told what it said; `refused` is not told; `limited` has too much to do, `flaky` fails every other time, and `late` begins
 * its answer and leaves off every other time; `slow` never answers. Streams: `cut` breaks in the middle, `failing` says there that it
 * failed, and `endless` goes no further.
 */
export async function startModels(): Promise<ModelServer> {
  const headers: IncomingHttpHeaders[] = []
  const asked = new Map<string, number>()
  const isOdd = (model: string): boolean => {
    const count = (asked.get(model) ?? 0) + 1
    asked.set(model, count)
    return count % 2 === 1
  }
  const server = createServer(async (request, response) => {
    headers.push(request.headers)
    const path = request.url ?? ''
    const body = JSON.parse((await text(request)) || '{}') as Body
    const model = /(?:models|deployments)\/([^:/]+)/.exec(path)?.[1] ?? String(body.model)
    const odd = isOdd(model)
    const status = statusOf(model, odd)
    if (model === 'slow') return
    if (status !== 200) fail(response, path, status, model)
    else if (model === 'late' && odd) begin(response)
    else answer(response, answerOf(path, body, model), model, path)
  })
  return { ...(await serveLoopback(server)), headers }
}

function statusOf(model: string, isOdd: boolean): number {
  if (model === 'broken' || model === 'refused') return 400
  if (model === 'limited') return 429
  return model === 'flaky' && isOdd ? 500 : 200
}

const HEADERS = { 'x-request-id': 'request-1', 'request-id': 'request-1' }

function answer(response: ServerResponse, whole: Answer, model: string, path: string): void {
  if ('json' in whole) {
    response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' })
    response.end(JSON.stringify(whole.json))
    return
  }
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' })
  const isWhole = !['cut', 'failing', 'endless'].includes(model)
  for (const event of isWhole ? whole.events : whole.events.slice(0, FIRST_EVENTS))
    response.write(toText(event))
  if (isWhole) response.end()
  else if (model === 'failing') response.end(toText(failureEvent(path)))
  // A comment of the stream; when it is on its way the rest is.
  else if (model === 'cut') response.write(': cut\n\n', () => response.destroy())
}

function toText({ name, data }: Event): string {
  const json = data === DONE ? DONE : JSON.stringify(data)
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${json}\n\n`
}

function fail(response: ServerResponse, path: string, status: number, model: string): void {
  const wait = { 'retry-after-ms': '1' }
  response.writeHead(status, { ...HEADERS, ...wait, 'content-type': 'application/json' })
  response.end(JSON.stringify(failureOf(path, status, model !== 'refused')))
}

/** The head, and a little of the body. */
function begin(response: ServerResponse): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' })
  response.write('{')
}
