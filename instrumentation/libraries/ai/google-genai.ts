// Google's Gen AI SDK: what each call of a model comes down to, also where the library calls functions by itself in between.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, listOf, numberOf, textOf } from '../fields.ts'
import {
  closeModelCall,
  describeAnswer,
  followParts,
  type Message,
  type ModelAnswer,
  openModelCall,
  runModelCall,
} from './model-call.ts'

/** By the methods that make requests; both kinds of them answer promises. */
const OPERATIONS: Readonly<Record<string, string>> = {
  generateContentInternal: 'generate_content',
  generateContentStreamInternal: 'generate_content',
  embedContentInternal: 'embeddings',
}

export function wrapGoogleGenAi(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = Reflect.get(Object(exports), 'Models') as { readonly prototype?: unknown }
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const isStream = name.includes('Stream')
    wrapMethod(prototype, name, method => createMethod(tools, method, operation, isStream))
  }
}

function createMethod(
  tools: LibraryTools,
  method: AnyFunction,
  operation: string,
  isStream: boolean,
): AnyFunction {
  return function tracedMethod(this: unknown, ...args: unknown[]): unknown {
    const work = (): unknown => Reflect.apply(method, this, args)
    const call = tools.guard.run('a call of a model', () => {
      const { apiClient } = fieldsOf(this) as { apiClient?: Client }
      const parameters = fieldsOf(args[0])
      const config = childOf(parameters, 'config')
      return openModelCall(tools, {
        provider: apiClient?.isVertexAI?.() ? 'gcp.vertex_ai' : 'gcp.gemini',
        operation,
        isStream,
        model: textOf(parameters, 'model'),
        maxTokens: numberOf(config, 'maxOutputTokens'),
        temperature: numberOf(config, 'temperature'),
        topP: numberOf(config, 'topP'),
        url: apiClient?.getBaseUrl?.(),
        messages: () => messagesOf(parameters.contents),
      })
    })
    if (call === undefined) return work()
    if (!isStream) {
      return runModelCall(tools, call, work, answer =>
        describeAnswer(tools, call, readPart(answer)),
      )
    }
    const stream = tools.tracer.run(call.inner, work) as Promise<unknown>
    return stream.then(
      parts => {
        tools.guard.run('a stream', () => followParts(tools, call, parts, readPart))
        return parts
      },
      error => {
        closeModelCall(tools, call, error ?? new Error('rejected with nothing'))
        throw error
      },
    )
  }
}

interface Client {
  isVertexAI?(): boolean
  getBaseUrl?(): string
}

function readPart(answer: unknown): ModelAnswer {
  const fields = fieldsOf(answer)
  const usage = childOf(fields, 'usageMetadata')
  const candidates = (listOf(fields, 'candidates') ?? []).map(fieldsOf)
  const reasons = candidates.map(candidate => textOf(candidate, 'finishReason'))
  const output = numberOf(usage, 'candidatesTokenCount')
  return {
    id: textOf(fields, 'responseId'),
    model: textOf(fields, 'modelVersion'),
    finishReasons: reasons.filter(each => each !== undefined),
    inputTokens: numberOf(usage, 'promptTokenCount'),
    outputTokens: output && output + (numberOf(usage, 'thoughtsTokenCount') ?? 0),
    text: () => candidates.map(textOfCandidate).join(''),
  }
}

const partsOf = (content: unknown): readonly Fields[] =>
  (listOf(fieldsOf(content), 'parts') ?? []).map(fieldsOf)

const textOfCandidate = ({ content }: Fields): string =>
  partsOf(content)
    .map(part => textOf(part, 'text') ?? '')
    .join('')

const messagesOf = (contents: unknown): readonly Message[] =>
  [contents]
    .flat()
    .map(content =>
      typeof content === 'string'
        ? { role: 'user', content }
        : { role: textOf(fieldsOf(content), 'role') ?? 'user', content: partsOf(content) },
    )
