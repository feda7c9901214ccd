// What the services of OpenAI and Anthropic are asked, and answer: whole, or as the events of a stream.
import { childOf, type Fields, fieldsOf, listOf, numberOf, textOf } from '../fields.ts'
import type { Service } from './api-client.ts'
import type { Message, ModelAnswer, ModelStart } from './model-call.ts'

const OPENAI_OPERATIONS: Readonly<Record<string, string>> = {
  '/chat/completions': 'chat',
  '/completions': 'text_completion',
  '/embeddings': 'embeddings',
  '/responses': 'chat',
}

export const openai: Service = {
  client: 'OpenAI',

  describe(path, body) {
    const operation = OPENAI_OPERATIONS[path]
    if (operation === undefined) return undefined
    return {
      provider: 'openai',
      operation,
      ...settingsOf(body),
      maxTokens:
        numberOf(body, 'max_completion_tokens') ??
        numberOf(body, 'max_output_tokens') ??
        numberOf(body, 'max_tokens'),
      messages: () => messagesOf(body.messages ?? body.input ?? body.prompt),
    }
  },

  read(answer) {
    // Events of the Responses API have what they tell of below.
    const { type } = answer
    if (typeof type === 'string' && type.startsWith('response.')) {
      if (type === 'response.output_text.delta') return { text: () => textOf(answer, 'delta') }
      const response = childOf(answer, 'response')
      return response.id === undefined ? undefined : { ...readOpenAi(response), text: undefined }
    }
    return readOpenAi(answer)
  },
}

function readOpenAi(answer: Fields): ModelAnswer {
  const usage = childOf(answer, 'usage')
  const choices = (listOf(answer, 'choices') ?? []).map(fieldsOf)
  const reasons = choices.map(choice => textOf(choice, 'finish_reason'))
  const status = textOf(answer, 'status')
  return {
    id: textOf(answer, 'id'),
    model: textOf(answer, 'model'),
    finishReasons: isFinal(status) ? [status] : reasons.filter(each => each !== undefined),
    inputTokens: numberOf(usage, 'prompt_tokens') ?? numberOf(usage, 'input_tokens'),
    outputTokens: numberOf(usage, 'completion_tokens') ?? numberOf(usage, 'output_tokens'),
    text: () => textOf(answer, 'output_text') ?? choices.map(textOfChoice).join(''),
  }
}

/** Of the Responses API. */
const isFinal = (status: string | undefined): status is string =>
  status !== undefined && status !== 'in_progress' && status !== 'queued'

const textOfChoice = (choice: Fields): string =>
  textOf(childOf(choice, 'message'), 'content') ??
  textOf(childOf(choice, 'delta'), 'content') ??
  textOf(choice, 'text') ??
  ''

export const anthropic: Service = {
  client: 'BaseAnthropic',

  describe(path, body) {
    if (!/^\/v1\/messages(?:\?|$)/.test(path)) return undefined
    return {
      provider: 'anthropic',
      operation: 'chat',
      ...settingsOf(body),
      maxTokens: numberOf(body, 'max_tokens'),
      messages: () => messagesOf(body.messages),
    }
  },

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
  const reason = textOf(answer, 'stop_reason')
  return {
    id: textOf(answer, 'id'),
    model: textOf(answer, 'model'),
    finishReasons: reason === undefined ? undefined : [reason],
    inputTokens: inputTokensOf(usage),
    outputTokens: numberOf(usage, 'output_tokens'),
    text: () =>
      (listOf(answer, 'content') ?? []).map(part => textOf(fieldsOf(part), 'text') ?? '').join(''),
  }
}

/** Those that were read from a cache, or written to one, are counted apart. */
function inputTokensOf(usage: Fields): number | undefined {
  const tokens = numberOf(usage, 'input_tokens')
  if (tokens === undefined) return undefined
  const cached = numberOf(usage, 'cache_read_input_tokens') ?? 0
  return tokens + cached + (numberOf(usage, 'cache_creation_input_tokens') ?? 0)
}

const settingsOf = (
  body: Fields,
): Pick<ModelStart, 'isStream' | 'model' | 'temperature' | 'topP'> => ({
  model: textOf(body, 'model'),
  temperature: numberOf(body, 'temperature'),
  topP: numberOf(body, 'top_p'),
  isStream: body.stream === true,
})

function messagesOf(value: unknown): readonly Message[] {
  const list = Array.isArray(value) ? value : [value]
  return list.map(each =>
    typeof each === 'string'
      ? { role: 'user', content: each }
      : { role: String(fieldsOf(each).role ?? 'user'), content: fieldsOf(each).content },
  )
}
