// Vercel's AI SDK 7 and newer, by the channel on which it tells of its calls: those of the function, of the models below them, and of
// tools. Older versions tell by OpenTelemetry's API where the function asks for it.
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_TOOL_NAME,
} from '../../semconv.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, numberOf, textOf } from '../fields.ts'
import { listenToCalls, openCall, type TracedCall } from '../traced-call.ts'
import { closeModelCall, describeAnswer, type ModelAnswer, openModelCall } from './model-call.ts'

export const AI_CHANNEL = 'ai:telemetry'

interface Told {
  readonly type?: unknown
  readonly event?: unknown
}

export const listenToAiSdk = (tools: LibraryTools): ChannelListener =>
  listenToCalls<Told>(tools, {
    channel: AI_CHANNEL,
    open: told => open(tools, String(told.type), fieldsOf(told.event)),
    close(call, { result, error }) {
      if (error === undefined) describeAnswer(tools, call, readResult(fieldsOf(result)))
      else closeModelCall(tools, call, error)
    },
  })

function open(tools: LibraryTools, type: string, event: Fields): TracedCall | undefined {
  const model = textOf(event, 'modelId')
  const provider = textOf(event, 'provider') ?? 'ai'
  switch (type) {
    // What the function calls has steps, and these have calls of models, which say more.
    case 'step':
      return undefined
    case 'languageModelCall':
      return openModelCall(tools, { provider: providerName(provider), operation: 'chat', model })
    case 'embed':
    case 'embedMany':
      return openModelCall(tools, {
        provider: providerName(provider),
        operation: 'embeddings',
        model,
      })
    case 'executeTool': {
      const tool = textOf(childOf(event, 'toolCall'), 'toolName') ?? textOf(event, 'toolName')
      return openStep(tools, 'execute_tool', tool, { [ATTR_GEN_AI_TOOL_NAME]: tool })
    }
    case 'generateText':
    case 'streamText':
      return openStep(tools, 'invoke_agent', textOf(event, 'functionId'), {
        [ATTR_GEN_AI_PROVIDER_NAME]: providerName(provider),
        [ATTR_GEN_AI_REQUEST_MODEL]: model,
      })
    default:
      return openModelCall(tools, { provider: providerName(provider), operation: type, model })
  }
}

/** `openai.responses` is OpenAI's. */
const providerName = (provider: string): string => provider.split('.')[0] ?? provider

function openStep(
  tools: LibraryTools,
  operation: string,
  name: string | undefined,
  attributes: Readonly<Record<string, string | undefined>>,
): TracedCall | undefined {
  return openCall(tools, {
    name: name === undefined ? operation : `${operation} ${name}`,
    kind: SPAN_KIND_INTERNAL,
    attributes: { [ATTR_GEN_AI_OPERATION_NAME]: operation, ...attributes },
  })
}

function readResult(result: Fields): ModelAnswer {
  const usage = fieldsOf(result.usage)
  const response = childOf(result, 'response')
  const reason = result.finishReason
  const finish = typeof reason === 'string' ? reason : textOf(fieldsOf(reason), 'unified')
  return {
    id: textOf(response, 'id'),
    model: textOf(response, 'modelId'),
    finishReasons: finish === undefined ? undefined : [finish],
    inputTokens: tokensOf(usage, 'inputTokens'),
    outputTokens: tokensOf(usage, 'outputTokens'),
    text: () => (typeof result.text === 'string' ? result.text : undefined),
  }
}

/** A number, or a total with its parts. */
const tokensOf = (usage: Fields, name: string): number | undefined =>
  numberOf(usage, name) ?? numberOf(childOf(usage, name), 'total')
