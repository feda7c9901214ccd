// What LangChain's managers of callbacks take for a handler: one that they wait for, so that a run's start is told before it begins.
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_NAME,
} from '../../semconv.ts'
import { SPAN_KIND_CLIENT } from '../../trace/span-kind.ts'
import { childOf, type Fields, fieldsOf, listOf, numberOf, textOf } from '../fields.ts'
import type { Runs } from './langchain-runs.ts'
import type { Message } from './messages.ts'
import { type ModelAnswer, type ModelStart, openModelCall, openStep } from './model-call.ts'
import { describeResponse, describeUsage, providerCalled } from './settings.ts'

export const NAME = 'baton'
/** Runs that the library's users never see. */
const HIDDEN = 'langsmith:hidden'
/** Types of chains that only make a text of values, or values of a text. */
const TEXTS = ['prompt', 'parser']

type Start = (
  run: Fields,
  input: unknown,
  id: string,
  parentId?: string,
  ...more: unknown[]
) => void

export function createHandler(runs: Runs): object {
  const startModel =
    (operation: string): Start =>
    (_model, input, id, parentId, extra, _tags, metadata) =>
      runs.open(id, parentId, () => {
        const start = readModel(input, fieldsOf(extra), fieldsOf(metadata))
        return openModelCall(runs.tools, { ...start, operation })
      })
  const startTool: Start = (run, _input, id, parentId, _tags, _metadata, name, callId) => {
    const tool = nameOf(run, name)
    runs.open(id, parentId, () =>
      openStep(runs.tools, 'execute_tool', tool, {
        [ATTR_GEN_AI_TOOL_NAME]: tool,
        [ATTR_GEN_AI_TOOL_CALL_ID]: typeof callId === 'string' ? callId : undefined,
      }),
    )
  }
  const startChain: Start = (run, _input, id, parentId, tags, _metadata, type, name) => {
    const isQuiet = TEXTS.includes(type as string) || [tags].flat().includes(HIDDEN)
    const chain = nameOf(run, name)
    const start = () =>
      openStep(runs.tools, 'invoke_workflow', chain, { [ATTR_GEN_AI_AGENT_NAME]: chain })
    runs.open(id, parentId, isQuiet ? undefined : start)
  }
  const startRetriever: Start = (run, _input, id, parentId, _tags, _metadata, name) =>
    runs.open(id, parentId, () =>
      openStep(runs.tools, 'retrieval', nameOf(run, name), {}, SPAN_KIND_CLIENT),
    )
  const fail = (error: unknown, id: string): void => runs.close(id, error ?? new Error('failed'))
  const finish = (_output: unknown, id: string): void => runs.close(id)
  return {
    name: NAME,
    lc_namespace: [NAME],
    awaitHandlers: true,
    raiseError: false,
    ignoreLLM: false,
    ignoreChain: false,
    ignoreAgent: false,
    ignoreRetriever: false,
    ignoreCustomEvent: true,
    handleChatModelStart: startModel('chat'),
    handleLLMStart: startModel('text_completion'),
    handleLLMEnd: (output: unknown, id: string) =>
      runs.close(id, undefined, () => readOutput(fieldsOf(output))),
    handleLLMError: fail,
    handleChainStart: startChain,
    handleChainEnd: finish,
    handleChainError: fail,
    handleToolStart: startTool,
    handleToolEnd: finish,
    handleToolError: fail,
    handleRetrieverStart: startRetriever,
    handleRetrieverEnd: finish,
    handleRetrieverError: fail,
  }
}

/** The name that the function gave it, or its class's. */
function nameOf(run: unknown, name: unknown): string | undefined {
  if (typeof name === 'string' && name !== '') return name
  const id = listOf(fieldsOf(run), 'id')
  return textOf(fieldsOf(run), 'name') ?? (id && String(id.at(-1)))
}

const ROLES: Readonly<Record<string, string>> = { human: 'user', ai: 'assistant' }

function readModel(input: unknown, extra: Fields, metadata: Fields): Omit<ModelStart, 'operation'> {
  const settings = childOf(extra, 'invocation_params')
  return {
    provider: providerCalled(textOf(metadata, 'ls_provider')),
    model: textOf(metadata, 'ls_model_name') ?? textOf(settings, 'model'),
    settings,
    messages: () => [input].flat(2).map(toMessage),
  }
}

function toMessage(each: unknown): Message {
  if (typeof each === 'string') return { role: 'user', content: each }
  const { _getType: type, content } = each as { _getType?: () => string; content?: unknown }
  const role = type?.call(each) ?? 'human'
  return { role: ROLES[role] ?? role, content }
}

function readOutput(output: Fields): ModelAnswer {
  const [generation = {}] = [output.generations].flat(2).map(fieldsOf)
  const message = childOf(generation, 'message')
  const usage = fieldsOf(message.usage_metadata ?? childOf(output, 'llmOutput').tokenUsage)
  const input = childOf(usage, 'input_token_details')
  const told = {
    ...childOf(message, 'response_metadata'),
    ...childOf(generation, 'generationInfo'),
  }
  return {
    attributes: describeResponse(
      // An id that the library made up is the run's.
      { ...told, id: /^(?:lc_)?run-/.test(String(message.id)) ? undefined : message.id },
      ['id', 'model_name'],
      [textOf(told, 'finish_reason') ?? textOf(told, 'stop_reason')],
      describeUsage(
        numberOf(usage, 'input_tokens') ?? numberOf(usage, 'promptTokens'),
        numberOf(usage, 'output_tokens') ?? numberOf(usage, 'completionTokens'),
        numberOf(input, 'cache_read'),
        numberOf(input, 'cache_creation'),
        numberOf(childOf(usage, 'output_token_details'), 'reasoning'),
      ),
    ),
    text: () => textOf(generation, 'text'),
  }
}
