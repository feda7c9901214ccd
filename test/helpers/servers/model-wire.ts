// What the services of OpenAI, Anthropic and Google answer on the wire: whole, as events of a stream, and in failure. What they say
// is always the same.
// https://platform.openai.com/docs/api-reference https://docs.anthropic.com/en/api/messages https://ai.google.dev/api

export type Body = Readonly<Record<string, unknown>>

export interface Event {
  readonly name?: string
  readonly data: unknown
}

/** A whole answer, or the events of a stream. */
export type Answer = { readonly json: unknown } | { readonly events: readonly Event[] }

export const DONE = '[DONE]'
const SAID = 'secret answer'
const TOOL = { name: 'weather', arguments: '{"city":"secret"}' }

/** An event that bears its type as its name, too. */
const typed = (type: string, more: object): Event => ({ name: type, data: { type, ...more } })

export function answerOf(path: string, body: Body, model: string): Answer {
  const isStream = body.stream === true
  if (path.includes('/chat/completions'))
    return isStream ? chatEvents(model, body) : chat(model, body)
  if (path.includes('/responses'))
    return isStream ? responseEvents(model) : { json: responseOf(model, 'completed') }
  if (path.includes('/embeddings')) return embeddings(model, body)
  if (path.includes('/completions')) return completion(model)
  if (path.includes('/v1/messages'))
    return isStream ? messageEvents(model) : { json: message(model, body) }
  if (path.includes(':streamGenerateContent'))
    return { events: ['secret ', 'answer'].map(text => ({ data: content({ text }, model) })) }
  if (path.includes('mbedContent')) return { json: { embeddings: [{ values: [1] }] } }
  const functionCall = { name: TOOL.name, args: { city: 'secret' } }
  return { json: content(wantsTool(body) ? { functionCall } : { text: SAID }, model) }
}

/** As each service says it; what it says may repeat what it was asked. */
export function failureOf(path: string, status: number, repeats: boolean): unknown {
  const isLimit = status === 429
  const said = repeats ? 'secret question is not to be answered' : 'not to be answered'
  if (path.includes('/v1/messages')) {
    const type = isLimit ? 'rate_limit_error' : 'invalid_request_error'
    return { type: 'error', error: { type, message: said }, request_id: 'request-1' }
  }
  if (path.includes('models/')) {
    const known = isLimit ? 'RESOURCE_EXHAUSTED' : 'INVALID_ARGUMENT'
    return { error: { code: status, message: said, status: known } }
  }
  const [type, code] = isLimit
    ? ['requests', 'rate_limit_exceeded']
    : ['invalid_request_error', null]
  return { error: { message: said, type, param: null, code } }
}

/** In the middle of a stream whose status was good. */
export const failureEvent = (path: string): Event =>
  path.includes('/v1/messages')
    ? typed('error', { error: { type: 'overloaded_error', message: 'secret' } })
    : { data: { error: { message: 'secret', type: 'server_error', code: 'overloaded' } } }

const CHAT_USAGE = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  prompt_tokens_details: { cached_tokens: 5, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0 },
}

const chatOf = (model: string, object: string, choices: readonly object[]): object => ({
  id: 'chat-1',
  object,
  created: 1,
  model: `${model}-2026`,
  service_tier: 'default',
  choices: choices.map(choice => ({ index: 0, logprobs: null, ...choice })),
})

/** Asks for the tool where there is one that has not answered. */
const wantsTool = ({ messages, contents = messages, tools }: Body): boolean =>
  Array.isArray(tools) &&
  tools.length > 0 &&
  !/"role":"tool"|"type":"tool_result"|"functionResponse"/.test(JSON.stringify(contents))

function chat(model: string, body: Body): Answer {
  const isTool = wantsTool(body)
  const call = { id: 'call-1', type: 'function', function: TOOL }
  const said = isTool ? { content: null, tool_calls: [call] } : { content: SAID }
  const message = { role: 'assistant', refusal: null, ...said }
  const choice = { message, finish_reason: isTool ? 'tool_calls' : 'stop' }
  return { json: { ...chatOf(model, 'chat.completion', [choice]), usage: CHAT_USAGE } }
}

function chatEvents(model: string, body: Body): Answer {
  const chunk = (choices: readonly object[], more = {}): Event => ({
    data: { ...chatOf(model, 'chat.completion.chunk', choices), ...more },
  })
  const delta = (delta: object, finish_reason: string | null = null): Event =>
    chunk([{ delta, finish_reason }])
  const call = { index: 0, id: 'call-1', type: 'function', function: TOOL }
  const said = wantsTool(body)
    ? [delta({ role: 'assistant', content: null, tool_calls: [call] }), delta({}, 'tool_calls')]
    : [
        delta({ role: 'assistant', content: 'secret ' }),
        delta({ content: 'answer' }),
        delta({}, 'stop'),
      ]
  const { include_usage } = Object(body.stream_options)
  const usage = include_usage === true ? [chunk([], { usage: CHAT_USAGE })] : []
  return { events: [...said, ...usage, { data: DONE }] }
}

const completion = (model: string): Answer => ({
  json: {
    id: 'completion-1',
    object: 'text_completion',
    created: 1,
    model: `${model}-2026`,
    choices: [{ index: 0, text: SAID, logprobs: null, finish_reason: 'length' }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  },
})

const PART = { type: 'output_text', text: SAID, annotations: [], logprobs: [] }
const ITEM = { id: 'item-1', type: 'message', role: 'assistant' }

function responseOf(model: string, status: string): object {
  const isDone = status === 'completed'
  return {
    id: 'response-1',
    object: 'response',
    created_at: 1,
    model: `${model}-2026`,
    status,
    error: null,
    incomplete_details: null,
    output: isDone ? [{ ...ITEM, status, content: [PART] }] : [],
    usage: isDone
      ? {
          input_tokens: 11,
          input_tokens_details: { cached_tokens: 5 },
          output_tokens: 7,
          output_tokens_details: { reasoning_tokens: 3 },
          total_tokens: 18,
        }
      : null,
  }
}

function responseEvents(model: string): Answer {
  const item = { item_id: ITEM.id, output_index: 0 }
  const part = { ...item, content_index: 0 }
  const events: [type: string, more: object][] = [
    ['created', { response: responseOf(model, 'in_progress') }],
    ['in_progress', { response: responseOf(model, 'in_progress') }],
    ['output_item.added', { ...item, item: { ...ITEM, status: 'in_progress', content: [] } }],
    ['content_part.added', { ...part, part: { ...PART, text: '' } }],
    ['output_text.delta', { ...part, delta: SAID, logprobs: [] }],
    ['output_text.done', { ...part, text: SAID, logprobs: [] }],
    ['content_part.done', { ...part, part: PART }],
    ['output_item.done', { ...item, item: { ...ITEM, status: 'completed', content: [PART] } }],
    ['completed', { response: responseOf(model, 'completed') }],
  ]
  return {
    events: events.map(([type, more], sequence_number) =>
      typed(`response.${type}`, { sequence_number, ...more }),
    ),
  }
}

/** Numbers, or the bytes of 32-bit ones, which is what the client asks for by itself. */
function embeddings(model: string, { encoding_format, input }: Body): Answer {
  const bytes = Buffer.from(new Float32Array([0.5]).buffer)
  const embedding = encoding_format === 'base64' ? bytes.toString('base64') : [0.5]
  return {
    json: {
      object: 'list',
      model: `${model}-2026`,
      data: [input].flat().map((_, index) => ({ object: 'embedding', index, embedding })),
      usage: { prompt_tokens: 11, total_tokens: 11 },
    },
  }
}

const MESSAGE_USAGE = {
  input_tokens: 4,
  cache_creation_input_tokens: 2,
  cache_read_input_tokens: 5,
  output_tokens: 7,
}

function message(model: string, body: Body): object {
  const use = { type: 'tool_use', id: 'call-1', name: TOOL.name, input: { city: 'secret' } }
  const isTool = wantsTool(body)
  return {
    id: 'message-1',
    type: 'message',
    role: 'assistant',
    model: `${model}-2026`,
    content: [isTool ? use : { type: 'text', text: SAID }],
    stop_reason: isTool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: MESSAGE_USAGE,
  }
}

function messageEvents(model: string): Answer {
  const usage = { ...MESSAGE_USAGE, output_tokens: 1 }
  const start = { ...message(model, {}), content: [], stop_reason: null, usage }
  return {
    events: [
      typed('message_start', { message: start }),
      typed('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      typed('ping', {}),
      typed('content_block_delta', { index: 0, delta: { type: 'text_delta', text: SAID } }),
      typed('content_block_stop', { index: 0 }),
      typed('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 7 },
      }),
      typed('message_stop', {}),
    ],
  }
}

/** A part of a stream is one, too; the last says why it is the last. */
const content = (part: Body, model: string): object => ({
  responseId: 'content-1',
  modelVersion: `${model}-2026`,
  candidates: [
    {
      index: 0,
      content: { role: 'model', parts: [part] },
      ...(part.text !== 'secret ' && { finishReason: 'STOP' }),
    },
  ],
  usageMetadata: {
    promptTokenCount: 11,
    cachedContentTokenCount: 5,
    candidatesTokenCount: 4,
    thoughtsTokenCount: 3,
    totalTokenCount: 18,
  },
})
