// Vercel's AI SDK 7 and newer, by the channel on which it tells of its calls: those of the function, of the models below them, and of
// tools. Older versions tell by OpenTelemetry's API where the function asks for it.
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_NAME,
} from '../../semconv.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, numberOf, textOf } from '../fields.ts'
import { listenToCalls, type TracedCall } from '../traced-call.ts'
import {
  closeModelCall,
  describeAnswer,
  type ModelAnswer,
  type ModelCall,
  openModelCall,
  openStep,
} from './model-call.ts'
import { createFollower } from './model-stream.ts'
import { describeResponse, describeUsage, providerCalled } from './settings.ts'

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
      const answer = fieldsOf(result)
      if (followStream(tools, call as ModelCall, answer)) return true
      if (error === undefined) describeAnswer(tools, call, readResult(answer))
      closeModelCall(tools, call as ModelCall, error)
      return false
    },
  })

/** A call of a model whose answer comes in parts answers with them: the library gets the same parts, and we are told of each. */
function followStream(tools: LibraryTools, call: ModelCall, result: Fields): boolean {
  const { stream } = result
  if (!(stream instanceof ReadableStream)) return false
  const { add, end } = createFollower(tools, call, part => readPart(fieldsOf(part)))
  const told = new TransformStream({
    transform(part, controller) {
      add(part)
      controller.enqueue(part)
    },
    flush: () => end(),
    // By who reads, with no reason, or by who writes, with what failed.
    cancel: reason => end(reason),
  })
  const target = result as { stream: ReadableStream }
  target.stream = stream.pipeThrough(told)
  call.span.setAttribute(ATTR_GEN_AI_REQUEST_STREAM, true)
  return true
}

function readPart(part: Fields): ModelAnswer | undefined {
  switch (part.type) {
    case 'response-metadata':
      return readResult({ response: part })
    case 'text-delta':
      return { text: () => textOf(part, 'delta') }
    case 'finish':
      return readResult(part)
    case 'error':
      return { errorCode: 'stream_error' }
    default:
      return undefined
  }
}

function open(tools: LibraryTools, type: string, event: Fields): TracedCall | undefined {
  const model = textOf(event, 'modelId')
  const provider = providerCalled(textOf(event, 'provider'))
  switch (type) {
    // What the function calls has steps, and these have calls of models, which say more.
    case 'step':
      return undefined
    case 'executeTool': {
      const call = childOf(event, 'toolCall')
      const tool = textOf(call, 'toolName') ?? textOf(event, 'toolName')
      return openStep(tools, 'execute_tool', tool, {
        [ATTR_GEN_AI_TOOL_NAME]: tool,
        [ATTR_GEN_AI_TOOL_CALL_ID]: textOf(call, 'toolCallId'),
      })
    }
    case 'generateText':
    case 'streamText': {
      const agent = textOf(event, 'functionId')
      return openStep(tools, 'invoke_agent', agent, {
        [ATTR_GEN_AI_AGENT_NAME]: agent,
        [ATTR_GEN_AI_PROVIDER_NAME]: provider,
        [ATTR_GEN_AI_REQUEST_MODEL]: model,
      })
    }
    default:
      return openModelCall(tools, {
        provider,
        operation: OPERATIONS[type] ?? type,
        model,
        settings: event,
      })
  }
}

const OPERATIONS: Readonly<Record<string, string>> = {
  languageModelCall: 'chat',
  embed: 'embeddings',
  embedMany: 'embeddings',
}

function readResult(result: Fields): ModelAnswer {
  const usage = fieldsOf(result.usage)
  const reason = result.finishReason
  return {
    attributes: describeResponse(
      childOf(result, 'response'),
      ['id', 'modelId'],
      [typeof reason === 'string' ? reason : textOf(fieldsOf(reason), 'unified')],
      describeUsage(
        // A number, or a total with its parts; what embeddings take is all that they use.
        numberOf(usage, 'inputTokens') ??
          numberOf(childOf(usage, 'inputTokens'), 'total') ??
          numberOf(usage, 'tokens'),
        numberOf(usage, 'outputTokens') ?? numberOf(childOf(usage, 'outputTokens'), 'total'),
        numberOf(childOf(usage, 'inputTokens'), 'cacheRead') ??
          numberOf(childOf(usage, 'inputTokenDetails'), 'cacheReadTokens'),
        numberOf(childOf(usage, 'inputTokens'), 'cacheWrite') ??
          numberOf(childOf(usage, 'inputTokenDetails'), 'cacheWriteTokens'),
        numberOf(childOf(usage, 'outputTokens'), 'reasoning') ??
          numberOf(childOf(usage, 'outputTokenDetails'), 'reasoningTokens'),
      ),
    ),
    text: () => (typeof result.text === 'string' ? result.text : undefined),
  }
}
