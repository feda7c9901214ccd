// The span of one call of a model, by the conventions for generative AI: what was asked for, what it cost and how it ended. What was
// said stands on it only if that is asked for.
// https://github.com/open-telemetry/semantic-conventions-genai
import {
  ATTR_ERROR_TYPE,
  ATTR_GEN_AI_INPUT_MESSAGES,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_OUTPUT_MESSAGES,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import type { Span } from '../../trace/span.ts'
import { SPAN_KIND_CLIENT, SPAN_KIND_INTERNAL, type SpanKind } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import type { Fields } from '../fields.ts'
import { type ModelDetail, modelOperationOf, modelSpanOf } from '../model-context.ts'
import { openCall, type TracedCall } from '../traced-call.ts'
import { type Message, toJson } from './messages.ts'
import { providerAt, readSettings } from './settings.ts'

/** What is asked of a model. */
export interface ModelStart {
  /** `gen_ai.provider.name`, unless the service's address says another. */
  readonly provider: string | undefined
  /** `chat`, `embeddings`, … */
  readonly operation: string
  readonly model?: string | undefined
  /** What was set, by the names of whichever service. */
  readonly settings?: Fields | undefined
  readonly isStream?: boolean | undefined
  /** Where the service is. */
  readonly url?: string | undefined
  readonly messages?: (() => readonly Message[]) | undefined
}

/** What is known of an answer, or of one part of it; what comes later is over what came before. */
export interface ModelAnswer {
  readonly attributes?: Attributes
  /** The service says that it could not answer, in an answer. */
  readonly errorCode?: string | undefined
  /** What the model says. */
  readonly text?: () => string | undefined
}

export interface ModelCall extends TracedCall {
  /** Made by a library that has a span for it: that one tells what is known here, and ends by itself. */
  readonly isPart: boolean
}

const EMBEDDINGS = 'embeddings'

export const capturesContent = ({ settings }: LibraryTools): boolean => settings.capturesMessages

/** `undefined` outside of an invocation. The call of a client below a library's call of a model is a part of that one. */
export function openModelCall(tools: LibraryTools, start: ModelStart): ModelCall | undefined {
  const { operation, model } = start
  const outer = tools.tracer.active()
  if (outer === undefined) return undefined
  const attributes = describe(start)
  const isSame = (modelOperationOf(outer) === EMBEDDINGS) === (operation === EMBEDDINGS)
  const span = isSame ? modelSpanOf(outer) : undefined
  // Its maker knows better than who asks for it.
  span?.setAttributes({ ...attributes, [ATTR_GEN_AI_OPERATION_NAME]: undefined })
  const call =
    span === undefined
      ? openCall(tools, {
          name: model === undefined ? operation : `${operation} ${model}`,
          kind: SPAN_KIND_CLIENT,
          attributes,
          hidesRequests: true,
          detail: { modelOperation: operation } satisfies ModelDetail,
        })
      : { span, outer, inner: outer }
  if (call !== undefined && start.messages !== undefined && capturesContent(tools)) {
    call.span.setAttribute(ATTR_GEN_AI_INPUT_MESSAGES, toJson(start.messages()))
  }
  return call && { ...call, isPart: span !== undefined }
}

function describe({ operation, provider, model, isStream, url, settings }: ModelStart): Attributes {
  const server = url !== undefined && URL.canParse(url) ? new URL(url) : undefined
  return {
    [ATTR_GEN_AI_OPERATION_NAME]: operation,
    [ATTR_GEN_AI_PROVIDER_NAME]: providerAt(server?.hostname) ?? provider,
    [ATTR_GEN_AI_REQUEST_MODEL]: model,
    [ATTR_GEN_AI_REQUEST_STREAM]: isStream || undefined,
    ...readSettings(settings),
    ...describeServer(server),
  }
}

export const describeServer = (server: URL | undefined): Attributes =>
  server === undefined
    ? {}
    : {
        [ATTR_SERVER_ADDRESS]: server.hostname,
        [ATTR_SERVER_PORT]: Number(server.port || (server.protocol === 'http:' ? 80 : 443)),
      }

/** An agent, a chain, a tool, …: what the library does itself. */
export const openStep = (
  tools: LibraryTools,
  operation: string,
  name: string | undefined,
  attributes: Attributes = {},
  kind: SpanKind = SPAN_KIND_INTERNAL,
): ModelCall | undefined => {
  const call = openCall(tools, {
    name: name === undefined ? operation : `${operation} ${name}`,
    kind,
    attributes: { [ATTR_GEN_AI_OPERATION_NAME]: operation, ...attributes },
  })
  // A model that a tool calls is no part of the call that asked for the tool.
  return call && { ...call, inner: { ...call.inner, call: undefined }, isPart: false }
}

/**
 * Ends it, as failed where there is an error. What an error says may repeat what was asked or answered: its kind, its status and its
 * code are told, and no more.
 */
export function closeModelCall(
  tools: LibraryTools,
  { span, isPart }: ModelCall,
  error?: unknown,
): void {
  if (isPart) return
  if (error !== undefined && error !== null)
    tools.guard.run('an error', () => fail(tools, span, error))
  span.end(tools.tracer.clock.now())
}

function fail(tools: LibraryTools, span: Span, error: unknown): void {
  const { name, message, constructor: made, code, status, statusCode, type } = Object(error)
  // A service's; a code of the DOM's errors is a small number, and means less than their names.
  const number = [status, statusCode, code].find(isNumber)
  // What tells the classes of most of these libraries apart is their names alone; a bundler may have shortened them.
  const className = /.Error$/.test(made?.name) ? made.name : undefined
  const kind = [name, code, className].find(each => isWord(each) && each !== 'Error')
  span.setAttribute(ATTR_ERROR_TYPE, String(number ?? kind ?? '_OTHER'))
  const told = new Set([number, code ?? type].filter(each => each === number || isWord(each)))
  span.setError(capturesContent(tools) ? String(message) : [...told].join(' ').trim())
}

const isNumber = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) > 99

/** Of a service's code, which is a word of few letters, and not of what it has to say. */
const isWord = (value: unknown): boolean =>
  typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)

/** Runs the library's function in the call's context; its promise, with the end chained to it, is the answer. */
export function runModelCall(
  tools: LibraryTools,
  call: TracedCall,
  close: (error?: unknown) => void,
  work: () => unknown,
  onAnswer?: (answer: unknown) => void,
): unknown {
  const fail = (error: unknown): never => {
    close(error ?? new Error('failed with nothing'))
    throw error
  }
  const succeed = (answer: unknown): unknown => {
    tools.guard.run('reading an answer', () => onAnswer?.(answer))
    close()
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

export function describeAnswer(
  tools: LibraryTools,
  { span }: TracedCall,
  answer: ModelAnswer,
): void {
  setKnown(span, answer)
  const said = capturesContent(tools) && answer.text?.()
  if (said) setOutput(span, said, reasonOf(answer))
}

export function setKnown(span: Span, { attributes = {}, errorCode }: ModelAnswer): void {
  span.setAttributes(attributes)
  if (errorCode === undefined) return
  span.setAttribute(ATTR_ERROR_TYPE, errorCode)
  span.setError('')
}

export const reasonOf = ({ attributes }: ModelAnswer): string | undefined =>
  (attributes?.[ATTR_GEN_AI_RESPONSE_FINISH_REASONS] as readonly string[] | undefined)?.[0]

export const setOutput = (span: Span, content: string, reason: string | undefined): void =>
  span.setAttribute(ATTR_GEN_AI_OUTPUT_MESSAGES, toJson([{ role: 'assistant', content }], reason))
