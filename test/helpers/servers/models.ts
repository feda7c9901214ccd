// Models, as their providers' services speak on the wire: OpenAI's, Anthropic's and Google's, whole answers and streamed ones. What
// they say is always the same.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestServer } from './processes.ts'

export interface ModelServer extends TestServer {
  readonly headers: readonly IncomingHttpHeaders[]
}

type Body = Readonly<Record<string, unknown>>
/** A whole answer, or the events of a stream. */
type Answer = { readonly json: unknown } | { readonly events: readonly Event[] }
interface Event {
  readonly name?: string
  readonly data: unknown
}

const DONE = '[DONE]'
const SAID = 'secret answer'

/**
 * `broken` is refused, `flaky` fails every other time, `slow` never answers, `cut` ends in the middle of its stream, and
 * `endless` goes no further there.
 */
export async function startModels(): Promise<ModelServer> {
  const headers: IncomingHttpHeaders[] = []
  let flaky = 0
  const refuse = (model: string): number | undefined => {
    if (model === 'broken') return 400
    return model === 'flaky' && flaky++ % 2 === 0 ? 500 : undefined
  }
  const server = createServer(async (request, response) => {
    headers.push(request.headers)
    const body = JSON.parse((await text(request)) || '{}') as Body
    const path = request.url ?? ''
    const model = /models\/([^:]+)/.exec(path)?.[1] ?? String(body.model)
    if (model === 'slow') return
    const status = refuse(model)
    if (status === undefined) answer(response, answerOf(path, body, model), model)
    else send(response, status, { error: { message: 'secret', type: 'bad' } })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    headers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function answer(response: ServerResponse, whole: Answer, model: string): void {
  if ('json' in whole) {
    send(response, 200, whole.json)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'request-1' })
  const isWhole = model !== 'cut' && model !== 'endless'
  for (const event of isWhole ? whole.events : whole.events.slice(0, 2)) {
    response.write(toText(event))
  }
  if (isWhole) response.end()
  // A comment of the stream; when it is on its way the rest is.
  else if (model === 'cut') response.write(': cut\n\n', () => response.destroy())
}

function toText({ name, data }: Event): string {
  const json = data === DONE ? DONE : JSON.stringify(data)
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${json}\n\n`
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'request-1' })
  response.end(JSON.stringify(body))
}

function answerOf(path: string, body: Body, model: string): Answer {
  const isStream = body.stream === true
  if (path.endsWith('/chat/completions')) return isStream ? chatEvents(model) : chat(model, body)
  if (path.endsWith('/responses')) return isStream ? responseEvents(model) : { json: done(model) }
  if (path.endsWith('/embeddings')) return embeddings(model)
  if (path.includes('/v1/messages')) return isStream ? messageEvents(model) : message(model)
  if (path.includes(':streamGenerateContent')) {
    return { events: [{ data: content('', model) }, { data: content('STOP', model) }] }
  }
  if (path.includes('mbedContent')) return { json: { embeddings: [{ values: [1] }] } }
  return { json: content('STOP', model) }
}

const CHAT_USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }

const completion = (model: string, choice: object): object => ({
  id: 'chat-1',
  object: 'chat.completion',
  created: 1,
  model: `${model}-2026`,
  choices: [{ index: 0, ...choice }],
})

/** Asks for the tool where there is one that has not answered. */
function chat(model: string, { messages, tools }: Body): Answer {
  const hasAnswer = (messages as { role: string }[]).some(({ role }) => role === 'tool')
  const call = { name: 'weather', arguments: '{"city":"secret"}' }
  const message =
    Array.isArray(tools) && tools.length > 0 && !hasAnswer
      ? { content: null, tool_calls: [{ id: 'call-1', type: 'function', function: call }] }
      : { content: SAID }
  const finish_reason = message.content === null ? 'tool_calls' : 'stop'
  const choice = { message: { role: 'assistant', ...message }, finish_reason }
  return { json: { ...completion(model, choice), usage: CHAT_USAGE } }
}

function chatEvents(model: string): Answer {
  const chunk = (delta: object, finish_reason: string | null = null): Event => ({
    data: { ...completion(model, { delta, finish_reason }), object: 'chat.completion.chunk' },
  })
  const usage = { ...completion(model, {}), choices: [], usage: CHAT_USAGE }
  return {
    events: [
      chunk({ role: 'assistant', content: 'secret ' }),
      chunk({ content: 'answer' }),
      chunk({}, 'stop'),
      { data: { ...usage, object: 'chat.completion.chunk' } },
      { data: DONE },
    ],
  }
}

const done = (model: string): object => ({
  id: 'response-1',
  object: 'response',
  created_at: 1,
  model: `${model}-2026`,
  status: 'completed',
  output: [
    {
      id: 'item-1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: SAID, annotations: [] }],
    },
  ],
  usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
})

function responseEvents(model: string): Answer {
  const at = { item_id: 'item-1', output_index: 0, content_index: 0, logprobs: [] }
  const event = (type: string, more: object): Event => ({ name: type, data: { type, ...more } })
  return {
    events: [
      event('response.created', {
        response: { ...done(model), status: 'in_progress', output: [], usage: null },
      }),
      event('response.output_text.delta', { ...at, delta: SAID }),
      event('response.completed', { response: done(model) }),
    ],
  }
}

const embeddings = (model: string): Answer => ({
  json: {
    object: 'list',
    model: `${model}-2026`,
    data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
    usage: { prompt_tokens: 11, total_tokens: 11 },
  },
})

const message = (model: string): Answer => ({
  json: {
    id: 'message-1',
    type: 'message',
    role: 'assistant',
    model: `${model}-2026`,
    content: [{ type: 'text', text: SAID }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 6, cache_read_input_tokens: 5, output_tokens: 7 },
  },
})

function messageEvents(model: string): Answer {
  const { json: whole } = message(model) as { json: object }
  const event = (type: string, more: object): Event => ({ name: type, data: { type, ...more } })
  return {
    events: [
      event('message_start', { message: { ...whole, content: [], stop_reason: null } }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: SAID } }),
      event('content_block_stop', { index: 0 }),
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } }),
      event('message_stop', {}),
    ],
  }
}

const content = (finishReason: string, model: string): object => ({
  responseId: 'content-1',
  modelVersion: `${model}-2026`,
  candidates: [
    {
      content: { role: 'model', parts: [{ text: SAID }] },
      ...(finishReason !== '' && { finishReason }),
    },
  ],
  usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
})
