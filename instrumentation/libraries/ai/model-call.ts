// The span of one call of a model, by the conventions for generative AI: what was asked for, what it cost, how it ended, and for a
// streamed answer how long its first part took. What was said stands on it only if that is asked for.
// https://github.com/open-telemetry/semantic-conventions-genai
import {
  ATTR_ERROR_TYPE,
  ATTR_GEN_AI_INPUT_MESSAGES,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_OUTPUT_MESSAGES,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_REQUEST_TEMPERATURE,
  ATTR_GEN_AI_REQUEST_TOP_P,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../semconv.ts'
import type { Span } from '../../trace/span.ts'
import { SPAN_KIND_CLIENT } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import { failSpan, openCall, type TracedCall } from '../traced-call.ts'

/** What is asked of a model. */
export interface ModelStart {
  /** `gen_ai.provider.name`. */
  readonly provider: string
  /** `chat`, `embeddings`, … */
  readonly operation: string
  readonly model?: string | undefined
  readonly maxTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly isStream?: boolean | undefined
  /** Where the service is. */
  readonly url?: string | undefined
  readonly messages?: (() => readonly Message[]) | undefined
}

/** What is known of an answer, or of one part of it; what comes later is over what came before. */
export interface ModelAnswer {
  readonly id?: string | undefined
  readonly model?: string | undefined
  readonly finishReasons?: readonly string[] | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  /** What the model says. */
  readonly text?: (() => string | undefined) | undefined
}

export interface Message {
  readonly role: string
  /** A text, or a list of parts of which those with a text count. */
  readonly content: unknown
}

const MAX_MESSAGES = 16
/** Characters of one message. */
const MAX_TEXT = 2048

export const capturesContent = ({ settings }: LibraryTools): boolean => settings.capturesMessages

/** `undefined` outside of an invocation. */
export function openModelCall(tools: LibraryTools, start: ModelStart): TracedCall | undefined {
  const { operation, model, isStream } = start
  const server = serverOf(start.url)
  const call = openCall(tools, {
    name: model === undefined ? operation : `${operation} ${model}`,
    kind: SPAN_KIND_CLIENT,
    attributes: {
      [ATTR_GEN_AI_OPERATION_NAME]: operation,
      [ATTR_GEN_AI_PROVIDER_NAME]: start.provider,
      [ATTR_GEN_AI_REQUEST_MODEL]: model,
      [ATTR_GEN_AI_REQUEST_MAX_TOKENS]: start.maxTokens,
      [ATTR_GEN_AI_REQUEST_TEMPERATURE]: start.temperature,
      [ATTR_GEN_AI_REQUEST_TOP_P]: start.topP,
      [ATTR_GEN_AI_REQUEST_STREAM]: isStream || undefined,
      [ATTR_SERVER_ADDRESS]: server?.hostname,
      [ATTR_SERVER_PORT]: server && Number(server.port || (server.protocol === 'http:' ? 80 : 443)),
    },
    hidesRequests: true,
  })
  if (call !== undefined && start.messages !== undefined && capturesContent(tools)) {
    call.span.setAttribute(ATTR_GEN_AI_INPUT_MESSAGES, toJson(start.messages()))
  }
  return call
}

/**
 * Ends it, as failed where there is an error. What a service says of an error may repeat what it was asked: its status and its
 * code are told, and no more.
 */
export function closeModelCall(
  { tracer }: LibraryTools,
  { span }: TracedCall,
  error?: unknown,
): void {
  if (error !== undefined && error !== null) {
    failSpan(span, error)
    const { status, statusCode, code, type } = fieldsOf(error)
    const answered = status ?? statusCode
    const isNumber = typeof answered === 'number'
    if (isNumber) span.setAttribute(ATTR_ERROR_TYPE, String(answered))
    if (isNumber || typeof code === 'number') {
      const known = [answered, code ?? type].filter(each => each !== undefined && each !== null)
      span.setError(known.join(' '))
    }
  }
  span.end(tracer.clock.now())
}

/** Runs the library's function in the call's context; its promise, with the end chained to it, is the answer. */
export function runModelCall(
  tools: LibraryTools,
  call: TracedCall,
  work: () => unknown,
  onAnswer?: (answer: unknown) => void,
): unknown {
  const fail = (error: unknown): never => {
    closeModelCall(tools, call, error ?? new Error('failed with nothing'))
    throw error
  }
  const succeed = (answer: unknown): unknown => {
    tools.guard.run('reading an answer', () => onAnswer?.(answer))
    closeModelCall(tools, call)
    return answer
  }
  let result: unknown
  try {
    result = tools.tracer.run(call.inner, work)
  } catch (error) {
    return fail(error)
  }
  return result instanceof Promise ? result.then(succeed, fail) : succeed(result)
}

function serverOf(url: string | undefined): URL | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url) : undefined
}

export function describeAnswer(
  tools: LibraryTools,
  { span }: TracedCall,
  answer: ModelAnswer,
): void {
  setKnown(span, answer)
  if (answer.text === undefined || !capturesContent(tools)) return
  const content = answer.text()
  if (content) setOutput(span, content, answer.finishReasons?.[0])
}

function setKnown(span: Span, answer: ModelAnswer): void {
  span.setAttribute(ATTR_GEN_AI_RESPONSE_ID, answer.id)
  span.setAttribute(ATTR_GEN_AI_RESPONSE_MODEL, answer.model)
  span.setAttribute(ATTR_GEN_AI_USAGE_INPUT_TOKENS, answer.inputTokens)
  span.setAttribute(ATTR_GEN_AI_USAGE_OUTPUT_TOKENS, answer.outputTokens)
  if (answer.finishReasons?.length) {
    span.setAttribute(ATTR_GEN_AI_RESPONSE_FINISH_REASONS, answer.finishReasons)
  }
}

const setOutput = (span: Span, content: string, reason: string | undefined): void =>
  span.setAttribute(ATTR_GEN_AI_OUTPUT_MESSAGES, toJson([{ role: 'assistant', content }], reason))

function toJson(messages: readonly Message[], finishReason?: string): string {
  return JSON.stringify(
    messages.slice(-MAX_MESSAGES).map(({ role, content }) => ({
      role,
      parts: [content]
        .flat()
        .slice(0, MAX_MESSAGES)
        .map(part => {
          const text: unknown = typeof part === 'string' ? part : Object(part).text
          if (typeof text === 'string') return { type: 'text', content: text.slice(0, MAX_TEXT) }
          return { type: String(Object(part).type ?? 'unknown') }
        }),
      ...(finishReason !== undefined && { finish_reason: finishReason }),
    })),
  )
}

/**
 * Follows an answer that comes in parts, by the functions of the iterator itself, so that it stays the object that it is. The call
 * ends with the last part, with an error, or when whoever reads has enough.
 */
export function followParts(
  tools: LibraryTools,
  call: TracedCall,
  iterator: unknown,
  read: (part: unknown) => ModelAnswer | undefined,
): void {
  const target = iterator as Record<string, ((...args: unknown[]) => unknown) | undefined>
  const startMs = tools.tracer.clock.now()
  const collected = new Collected(tools, call, startMs)
  const { next, return: stop, throw: fail } = target
  if (typeof next !== 'function') return
  const end = (error?: unknown): void =>
    void tools.guard.run('the end of a stream', () => {
      collected.finish()
      closeModelCall(tools, call, error)
    })
  define(target, 'next', (...args) => {
    const result = tools.tracer.run(call.inner, () => next.apply(target, args))
    return (result as Promise<IteratorResult<unknown>>).then(
      step => {
        if (step.done) end()
        else tools.guard.run('a part of a stream', () => collected.add(read(step.value)))
        return step
      },
      error => {
        end(error ?? new Error('rejected with nothing'))
        throw error
      },
    )
  })
  for (const [name, original] of [['return', stop] as const, ['throw', fail] as const]) {
    if (typeof original !== 'function') continue
    define(target, name, (...args) => {
      end(name === 'throw' ? args[0] : undefined)
      return original.apply(target, args)
    })
  }
}

function define(target: object, name: string, value: (...args: unknown[]) => unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

/** What the parts told so far. */
class Collected {
  readonly #call: TracedCall
  readonly #captures: boolean
  readonly #startMs: number
  readonly #tools: LibraryTools
  #text = ''
  #reason: string | undefined
  #hasFirst = false

  constructor(tools: LibraryTools, call: TracedCall, startMs: number) {
    this.#tools = tools
    this.#call = call
    this.#startMs = call.span.startMs || startMs
    this.#captures = capturesContent(tools)
  }

  add(answer: ModelAnswer | undefined): void {
    const { span } = this.#call
    if (!this.#hasFirst) {
      this.#hasFirst = true
      const seconds = (this.#tools.tracer.clock.now() - this.#startMs) / 1000
      span.setAttribute(ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, seconds)
    }
    if (answer === undefined) return
    setKnown(span, answer)
    this.#reason = answer.finishReasons?.[0] ?? this.#reason
    if (this.#captures && this.#text.length < MAX_TEXT) this.#text += answer.text?.() ?? ''
  }

  finish(): void {
    if (this.#text !== '') setOutput(this.#call.span, this.#text, this.#reason)
  }
}
