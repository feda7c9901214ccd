// LangChain: runs of chains, models, tools and retrievers, by a handler of its own that every manager of callbacks gets. What the
// library runs in a run's configuration (tools, functions) has the run's span as the active one.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { wrapMethod } from '../../hooks/wrap.ts'
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_TOOL_NAME,
} from '../../semconv.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, listOf, numberOf, textOf } from '../fields.ts'
import { openCall, type TracedCall } from '../traced-call.ts'
import { closeModelCall, describeAnswer } from './model-call.ts'

const NAME = 'baton'
/** Runs that the library's users never see. */
const HIDDEN = 'langsmith:hidden'
/** Runs under way: those whose end is never told must not stay, and the oldest make room. */
const MAX_RUNS = 1000

interface Manager {
  readonly handlers?: readonly { readonly name?: unknown }[]
  addHandler(handler: object, inherit: boolean): void
}

export interface LangChain {
  wrapManager(loaded: LoadedModule): void
  wrapStorage(loaded: LoadedModule): void
}

export function createLangChain(tools: LibraryTools): LangChain {
  const runs = new Map<string, TracedCall>()
  const handler = createHandler(tools, runs)
  return {
    wrapManager({ exports }) {
      const Manager = Reflect.get(Object(exports), 'CallbackManager') as new () => Manager
      wrapMethod(
        Manager,
        '_configureSync',
        configure =>
          function tracedConfigure(this: unknown, ...args: unknown[]): unknown {
            const manager = Reflect.apply(configure, this, args) as Manager | undefined
            if (tools.tracer.active() === undefined) return manager
            return tools.guard.run('a run of LangChain', () => {
              const traced = manager ?? new Manager()
              if (!traced.handlers?.some(({ name }) => name === NAME))
                traced.addHandler(handler, true)
              return traced
            })
          },
      )
    },
    wrapStorage({ exports }) {
      const { AsyncLocalStorageProviderSingleton: storage } = fieldsOf(exports)
      wrapMethod(
        storage,
        'runWithConfig',
        run =>
          function tracedRun(this: unknown, ...args: unknown[]): unknown {
            const [config, work] = args
            const id = childOf(fieldsOf(config), 'callbacks')._parentRunId
            const call = typeof id === 'string' ? runs.get(id) : undefined
            if (call !== undefined && typeof work === 'function') {
              args[1] = (...given: unknown[]) =>
                tools.tracer.run(call.inner, () => Reflect.apply(work, undefined, given))
            }
            return Reflect.apply(run, this, args)
          },
      )
    },
  }
}

type Start = (
  run: Fields,
  input: unknown,
  runId: string,
  parentId?: string,
  ...more: unknown[]
) => void

/** What managers take for a handler: one that they wait for, so that a run's start is told before the run begins. */
function createHandler(tools: LibraryTools, runs: Map<string, TracedCall>): object {
  const open = (id: string, parentId: string | undefined, run: Run): void =>
    void tools.guard.run('a run of LangChain', () => {
      const { tracer } = tools
      const parent = parentId === undefined ? undefined : runs.get(parentId)
      const outer = parent?.inner ?? tracer.active()
      if (outer === undefined) return
      const { operation, name, attributes } = run
      const call = tracer.run(outer, () =>
        openCall(tools, {
          name: name === undefined ? operation : `${operation} ${name}`,
          kind: SPAN_KIND_INTERNAL,
          attributes: { [ATTR_GEN_AI_OPERATION_NAME]: operation, ...attributes },
        }),
      )
      if (call !== undefined) runs.set(id, call)
      const [oldest] = runs.keys()
      if (oldest !== undefined && runs.size > MAX_RUNS) runs.delete(oldest)
    })
  const close = (id: string, error?: unknown, describe?: (call: TracedCall) => void): void =>
    void tools.guard.run('a run of LangChain', () => {
      const call = runs.get(id)
      if (call === undefined) return
      runs.delete(id)
      describe?.(call)
      closeModelCall(tools, call, error)
    })
  const startModel: Start = (_model, _input, id, parentId, extra, _tags, metadata) =>
    open(id, parentId, readModel(fieldsOf(extra), fieldsOf(metadata)))
  const fail = (error: unknown, id: string): void => close(id, error ?? new Error('failed'))
  const finish = (_output: unknown, id: string): void => close(id)
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
    handleChatModelStart: startModel,
    handleLLMStart: startModel,
    handleLLMEnd: (output: unknown, id: string) =>
      close(id, undefined, call => describeAnswer(tools, call, readOutput(output))),
    handleLLMError: fail,
    handleChainStart: ((run, _input, id, parentId, ...[tags, , , name]) => {
      if ([tags].flat().includes(HIDDEN)) return
      open(id, parentId, { operation: 'invoke_workflow', name: nameOf(run, name) })
    }) satisfies Start,
    handleChainEnd: finish,
    handleChainError: fail,
    handleToolStart: ((run, _input, id, parentId, ...[, , name]) => {
      const tool = nameOf(run, name)
      open(id, parentId, {
        operation: 'execute_tool',
        name: tool,
        attributes: { [ATTR_GEN_AI_TOOL_NAME]: tool },
      })
    }) satisfies Start,
    handleToolEnd: finish,
    handleToolError: fail,
    handleRetrieverStart: ((run, _input, id, parentId, ...[, , name]) =>
      open(id, parentId, { operation: 'retrieval', name: nameOf(run, name) })) satisfies Start,
    handleRetrieverEnd: finish,
    handleRetrieverError: fail,
  }
}

interface Run {
  readonly operation: string
  readonly name: string | undefined
  readonly attributes?: Readonly<Record<string, string | undefined>>
}

/** The name that the function gave it, or its class's. */
function nameOf(run: unknown, name: unknown): string | undefined {
  if (typeof name === 'string' && name !== '') return name
  const id = listOf(fieldsOf(run), 'id')
  return textOf(fieldsOf(run), 'name') ?? (id && String(id.at(-1)))
}

function readModel(extra: Fields, metadata: Fields): Run {
  const parameters = childOf(extra, 'invocation_params')
  const model = textOf(metadata, 'ls_model_name') ?? textOf(parameters, 'model')
  return {
    operation: 'chat',
    name: model,
    attributes: {
      [ATTR_GEN_AI_PROVIDER_NAME]: textOf(metadata, 'ls_provider'),
      [ATTR_GEN_AI_REQUEST_MODEL]: model,
    },
  }
}

function readOutput(output: unknown): Parameters<typeof describeAnswer>[2] {
  const [generation] = [fieldsOf(output).generations].flat(2).map(fieldsOf)
  const message = childOf(generation ?? {}, 'message')
  const usage = fieldsOf(
    message.usage_metadata ?? childOf(fieldsOf(output), 'llmOutput').tokenUsage,
  )
  const reason =
    textOf(childOf(generation ?? {}, 'generationInfo'), 'finish_reason') ??
    textOf(childOf(message, 'response_metadata'), 'finish_reason')
  return {
    finishReasons: reason === undefined ? undefined : [reason],
    inputTokens: numberOf(usage, 'input_tokens') ?? numberOf(usage, 'promptTokens'),
    outputTokens: numberOf(usage, 'output_tokens') ?? numberOf(usage, 'completionTokens'),
    text: () => textOf(generation ?? {}, 'text'),
  }
}
