// What the services of OpenAI and Anthropic are asked, and answer: whole, or as the events of a stream.
import { childOf, type Fields, fieldsOf, listOf, numberOf, textOf } from '../fields.ts'
import type { Service } from './api-client.ts'
import type { Message } from './messages.ts'
import type { ModelAnswer, ModelStart } from './model-call.ts'
import { describeResponse, describeUsage } from './settings.ts'

const OPENAI_OPERATIONS: Readonly<Record<string, string>> = {
  '/chat/completions': 'chat',
  '/completions': 'text_completion',
  '/embeddings': 'embeddings',
  '/responses': 'chat',
}

const ID_AND_MODEL = ['id', 'model'] as const

const startOf = (provider: string, operation: string, body: Fields): ModelStart => ({
  provider,
  operation,
  model: textOf(body, 'model'),
  settings: body,
  isStream: body.stream === true,
  messages: () => messagesOf(body.messages ?? body.input ?? body.prompt),
})

function messagesOf(value: unknown): readonly Message[] {
  return [value].flat().map(each => {
    const { role = 'user', content } = fieldsOf(each)
    return typeof each === 'string'
      ? { role: 'user', content: each }
      : { role: String(role), content }
  })
}

export const openai: Service = {
  client: 'OpenAI',

  describe(path, body) {
    const operation = OPENAI_OPERATIONS[path]
    return operation === undefined ? undefined : startOf('openai', operation, body)
  },

  read(answer) {
    // Events of the Responses API have what they tell of below.
    const { type } = answer
    if (typeof type === 'string' && type.startsWith('response.')) {
      if (type === 'response.output_text.delta') return { text: () => textOf(answer, 'delta') }
      const response = childOf(answer, 'response')
      // Its texts have come already.
      return response.id === undefined ? undefined : { ...readOpenAi(response), text: () => '' }
    }
    return readOpenAi(answer)
  },
}

function readOpenAi(answer: Fields): ModelAnswer {
  const usage = childOf(answer, 'usage')
  const choices = (listOf(answer, 'choices') ?? []).map(fieldsOf)
  const reasons = choices.map(choice => textOf(choice, 'finish_reason'))
  const input = childOf(usage, 'prompt_tokens_details')
  const output = childOf(usage, 'completion_tokens_details')
  return {
    attributes: describeResponse(
      answer,
      ID_AND_MODEL,
      [...reasons, finalStatus(answer)],
      describeUsage(
        numberOf(usage, 'prompt_tokens') ?? numberOf(usage, 'input_tokens'),
        numberOf(usage, 'completion_tokens') ?? numberOf(usage, 'output_tokens'),
        numberOf({ ...input, ...childOf(usage, 'input_tokens_details') }, 'cached_tokens'),
        undefined,
        numberOf({ ...output, ...childOf(usage, 'output_tokens_details') }, 'reasoning_tokens'),
      ),
    ),
    errorCode: textOf(childOf(answer, 'error'), 'code'),
    text: () => [...choices.map(textOfChoice), ...textsOf(answer.output)].join(''),
  }
}

/** Of the Responses API. */
function finalStatus(answer: Fields): string | undefined {
  const status = textOf(answer, 'status')
  const reason = textOf(childOf(answer, 'incomplete_details'), 'reason')
  return status === 'in_progress' || status === 'queued' ? undefined : (reason ?? status)
}

const textOfChoice = (choice: Fields): string =>
  textOf({ ...childOf(choice, 'message'), ...childOf(choice, 'delta') }, 'content') ??
  textOf(choice, 'text') ??
  ''

/** Of a list of parts, or of one of items that have parts. */
const textsOf = (parts: unknown): readonly string[] =>
  [parts ?? []].flat().flatMap(part => {
    const { text, content } = fieldsOf(part)
    return typeof text === 'string' ? [text] : content === undefined ? [] : textsOf(content)
  })

export const anthropic: Service = {
  client: 'BaseAnthropic',

  describe: (path, body) =>
    /^\/v1\/messages(?:\?|$)/.test(path) ? startOf('anthropic', 'chat', body) : undefined,

  read(answer) {
    switch (answer.type) {
      case 'message_start':
        return readAnthropic(childOf(answer, 'message'))
      case 'message_delta':
        return readAnthropic({ ...childOf(answer, 'delta'), usage: answer.usage })
      case 'content_block_delta':
        return { text: () => textOf(childOf(answer, 'delta'), 'text') }
      case 'message':
        return readAnthropic(answer)
      default:
        return undefined
    }
  },
}

function readAnthropic(answer: Fields): ModelAnswer {
  const usage = childOf(answer, 'usage')
  const tokens = numberOf(usage, 'input_tokens')
  const read = numberOf(usage, 'cache_read_input_tokens') ?? 0
  const written = numberOf(usage, 'cache_creation_input_tokens') ?? 0
  return {
    attributes: describeResponse(
      answer,
      ID_AND_MODEL,
      [textOf(answer, 'stop_reason')],
      describeUsage(
        // Those from a cache are counted apart.
        tokens === undefined ? undefined : tokens + read + written,
        numberOf(usage, 'output_tokens'),
        read,
        written,
      ),
    ),
    text: () => textsOf(answer.content).join(''),
  }
}
