// How a model is asked and what it used, by the names that the services and the libraries above them have for it.
import {
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
  ATTR_GEN_AI_OUTPUT_TYPE,
  ATTR_GEN_AI_REQUEST_CHOICE_COUNT,
  ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
  ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
  ATTR_GEN_AI_REQUEST_SEED,
  ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
  ATTR_GEN_AI_REQUEST_TEMPERATURE,
  ATTR_GEN_AI_REQUEST_TOP_K,
  ATTR_GEN_AI_REQUEST_TOP_P,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
} from '../../semconv.ts'
import type { Attributes, AttributeValue } from '../../trace/attributes.ts'
import { type Fields, fieldsOf, textOf } from '../fields.ts'

const MAX_STOP_SEQUENCES = 16

/** In lower case, without underscores. */
const SETTINGS: Readonly<Record<string, string>> = {
  candidatecount: ATTR_GEN_AI_REQUEST_CHOICE_COUNT,
  conversation: ATTR_GEN_AI_CONVERSATION_ID,
  dimensions: ATTR_GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
  frequencypenalty: ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
  maxcompletiontokens: ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  maxoutputtokens: ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  maxtokens: ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  n: ATTR_GEN_AI_REQUEST_CHOICE_COUNT,
  outputdimensionality: ATTR_GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
  presencepenalty: ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
  responseformat: ATTR_GEN_AI_OUTPUT_TYPE,
  responsemimetype: ATTR_GEN_AI_OUTPUT_TYPE,
  seed: ATTR_GEN_AI_REQUEST_SEED,
  stop: ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
  stopsequences: ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
  temperature: ATTR_GEN_AI_REQUEST_TEMPERATURE,
  text: ATTR_GEN_AI_OUTPUT_TYPE,
  topk: ATTR_GEN_AI_REQUEST_TOP_K,
  topp: ATTR_GEN_AI_REQUEST_TOP_P,
}

export function readSettings(settings: Fields = {}): Attributes {
  const attributes: Attributes = {}
  for (const name of Object.keys(settings)) {
    const attribute = textOf(SETTINGS, name.replaceAll('_', '').toLowerCase())
    const value = settings[name]
    if (attribute !== undefined && value !== undefined && value !== null)
      attributes[attribute] = (READERS[attribute] ?? readNumber)(value) ?? attributes[attribute]
  }
  return attributes
}

const readNumber = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

/** Of what is no number. */
const READERS: Readonly<Record<string, (value: unknown) => AttributeValue | undefined>> = {
  [ATTR_GEN_AI_CONVERSATION_ID]: value => textOf({ id: value, ...fieldsOf(value) }, 'id'),
  [ATTR_GEN_AI_OUTPUT_TYPE]: readFormat,
  // One answer is what is asked for where nothing is said.
  [ATTR_GEN_AI_REQUEST_CHOICE_COUNT]: value => (value === 1 ? undefined : readNumber(value)),
  [ATTR_GEN_AI_REQUEST_STOP_SEQUENCES]: value =>
    [value].flat().slice(0, MAX_STOP_SEQUENCES).map(String),
}

/** `application/json`, `{ type: 'json_schema' }`, `{ format: { type: 'json_object' } }` */
function readFormat(value: unknown): string | undefined {
  const { type, format } = Object(value)
  const kind = String(Object(format).type ?? type ?? value)
  return /^(?:application\/(json)|(text)\/|(json|text)(?:_|$))/.exec(kind)?.slice(1).find(Boolean)
}

/** By the ends of the names of hosts: services of one kind are called by clients that were made for another. */
const HOSTS: readonly (readonly [host: string, provider: string])[] = [
  ['openai.azure.com', 'azure.ai.openai'],
  ['ai.azure.com', 'azure.ai.inference'],
  ['amazonaws.com', 'aws.bedrock'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['groq.com', 'groq'],
  ['deepseek.com', 'deepseek'],
  ['mistral.ai', 'mistral_ai'],
  ['.x.ai', 'x_ai'],
  ['perplexity.ai', 'perplexity'],
]

export const providerAt = (host: string | undefined): string | undefined =>
  HOSTS.find(([end]) => host?.endsWith(end))?.[1]

/** By the words of LangChain, which makes them of classes' names where it knows none, and of the AI SDK, up to a dot. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'aws.bedrock',
  amazon_bedrock: 'aws.bedrock',
  azure: 'azure.ai.openai',
  google: 'gcp.gemini',
  google_genai: 'gcp.gemini',
  google_vertexai: 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  vertex: 'gcp.vertex_ai',
  xai: 'x_ai',
}

export function providerCalled(name: string | undefined): string | undefined {
  const [word = '', more = ''] = name?.split('.') ?? []
  return textOf(PROVIDERS, more) ?? textOf(PROVIDERS, word) ?? /^[a-z][a-z0-9_-]+$/.exec(word)?.[0]
}

/** Those from a cache, and those that were written to one, among those of the prompt. */
export const describeUsage = (
  input: number | undefined,
  output: number | undefined,
  cacheRead?: number,
  cacheWrite?: number,
  reasoning?: number,
): Attributes => ({
  [ATTR_GEN_AI_USAGE_INPUT_TOKENS]: input,
  [ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: output,
  [ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: cacheRead || undefined,
  [ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS]: cacheWrite || undefined,
  [ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: reasoning || undefined,
})

/** Of an answer, or of a part of one: a list without a reason says nothing. */
export function describeResponse(
  response: Fields,
  [id, model]: readonly [id: string, model: string],
  reasons: readonly (string | undefined)[],
  usage: Attributes,
): Attributes {
  const known = reasons.filter(reason => reason !== undefined)
  return {
    [ATTR_GEN_AI_RESPONSE_ID]: textOf(response, id),
    [ATTR_GEN_AI_RESPONSE_MODEL]: textOf(response, model),
    [ATTR_GEN_AI_RESPONSE_FINISH_REASONS]: known.length > 0 ? known : undefined,
    ...usage,
  }
}
