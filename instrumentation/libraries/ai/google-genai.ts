// Google's Gen AI SDK: what each call of a model comes down to, also where the library calls functions by itself in between.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, listOf, numberOf, textOf } from '../fields.ts'
import type { Message } from './messages.ts'
import {
  closeModelCall,
  describeAnswer,
  type ModelAnswer,
  type ModelCall,
  openModelCall,
  runModelCall,
} from './model-call.ts'
import { followParts } from './model-stream.ts'
import { describeResponse, describeUsage } from './settings.ts'

/** By the methods that make requests; all of them answer promises. */
const OPERATIONS: Readonly<Record<string, string>> = {
  generateContentInternal: 'generate_content',
  generateContentStreamInternal: 'generate_content',
  embedContentInternal: 'embeddings',
}

interface Client {
  isVertexAI?(): boolean
  getBaseUrl?(): string
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
    const call = tools.guard.run('a call of a model', () =>
      open(tools, this, fieldsOf(args[0]), { operation, isStream }),
    )
    if (call === undefined) return work()
    let isFollowed = false
    const close = (error?: unknown): void => {
      if (!isFollowed) closeModelCall(tools, call, error)
    }
    return runModelCall(tools, call, close, work, answer => {
      if (!isStream) describeAnswer(tools, call, readPart(answer))
      else isFollowed = followParts(tools, call, answer, readPart)
    })
  }
}

function open(
  tools: LibraryTools,
  models: unknown,
  parameters: Fields,
  kind: { readonly operation: string; readonly isStream: boolean },
): ModelCall | undefined {
  const { apiClient } = fieldsOf(models) as { apiClient?: Client }
  return openModelCall(tools, {
    ...kind,
    provider: apiClient?.isVertexAI?.() ? 'gcp.vertex_ai' : 'gcp.gemini',
    model: textOf(parameters, 'model'),
    settings: childOf(parameters, 'config'),
    url: apiClient?.getBaseUrl?.(),
    messages: () => messagesOf(parameters.contents),
  })
}

function readPart(answer: unknown): ModelAnswer {
  const fields = fieldsOf(answer)
  const usage = childOf(fields, 'usageMetadata')
  const candidates = (listOf(fields, 'candidates') ?? []).map(fieldsOf)
  const output = numberOf(usage, 'candidatesTokenCount')
  const thoughts = numberOf(usage, 'thoughtsTokenCount')
  return {
    attributes: describeResponse(
      fields,
      ['responseId', 'modelVersion'],
      candidates.map(candidate => textOf(candidate, 'finishReason')),
      describeUsage(
        numberOf(usage, 'promptTokenCount'),
        output && output + (thoughts ?? 0),
        numberOf(usage, 'cachedContentTokenCount'),
        undefined,
        thoughts,
      ),
    ),
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
