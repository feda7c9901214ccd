// Bedrock: https://github.com/open-telemetry/semantic-conventions-genai. Which model, how it was asked and what it used;
// prompts and completions stay in the function. A streamed answer's tokens are told at its end and are not seen.
import {
  ATTR_AWS_BEDROCK_GUARDRAIL_ID,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_REQUEST_TEMPERATURE,
  ATTR_GEN_AI_REQUEST_TOP_P,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
} from '../../semconv.ts'
import { childOf, numberOf, textOf, textsOf } from '../fields.ts'
import type { AwsService } from './service.ts'
import { findRoute, type Route } from './wire-request.ts'

const MAX_STOP_SEQUENCES = 16
const ROUTES: readonly Route[] = [
  { method: 'POST', path: 'model/*/converse', operation: 'Converse' },
  { method: 'POST', path: 'model/*/converse-stream', operation: 'ConverseStream' },
  { method: 'POST', path: 'model/*/invoke', operation: 'InvokeModel' },
  {
    method: 'POST',
    path: 'model/*/invoke-with-response-stream',
    operation: 'InvokeModelWithResponseStream',
  },
]

/** The convention's word; of a raw invocation it depends on the model. */
function operationName(operation: string, model: string | undefined): string | undefined {
  if (operation.startsWith('Converse')) return 'chat'
  if (!operation.startsWith('InvokeModel')) return undefined
  return model?.includes('embed') ? 'embeddings' : 'text_completion'
}

export const bedrock: AwsService = {
  id: 'Bedrock Runtime',

  describe({ operation = '', input }, set) {
    const model = textOf(input, 'modelId')
    const settings = childOf(input, 'inferenceConfig')
    set(ATTR_GEN_AI_PROVIDER_NAME, 'aws.bedrock')
    set(ATTR_GEN_AI_OPERATION_NAME, operationName(operation, model))
    set(ATTR_GEN_AI_REQUEST_MODEL, model)
    set(ATTR_GEN_AI_REQUEST_STREAM, /stream$/i.test(operation) || undefined)
    set(ATTR_GEN_AI_REQUEST_MAX_TOKENS, numberOf(settings, 'maxTokens'))
    set(ATTR_GEN_AI_REQUEST_TEMPERATURE, numberOf(settings, 'temperature'))
    set(ATTR_GEN_AI_REQUEST_TOP_P, numberOf(settings, 'topP'))
    set(ATTR_GEN_AI_REQUEST_STOP_SEQUENCES, textsOf(settings, 'stopSequences', MAX_STOP_SEQUENCES))
    set(
      ATTR_AWS_BEDROCK_GUARDRAIL_ID,
      textOf(input, 'guardrailIdentifier') ??
        textOf(childOf(input, 'guardrailConfig'), 'guardrailIdentifier'),
    )
  },

  describeAnswer(_call, output, set) {
    const usage = childOf(output, 'usage')
    const reason = textOf(output, 'stopReason')
    set(ATTR_GEN_AI_USAGE_INPUT_TOKENS, numberOf(usage, 'inputTokens'))
    set(ATTR_GEN_AI_USAGE_OUTPUT_TOKENS, numberOf(usage, 'outputTokens'))
    set(ATTR_GEN_AI_RESPONSE_FINISH_REASONS, reason === undefined ? undefined : [reason])
  },

  tellsInHeaders: ['InvokeModel'],

  readRequest(request) {
    const found = findRoute(ROUTES, request)
    return { operation: found?.operation, input: { modelId: found?.parts[0] } }
  },

  // InvokeModel tells its tokens in headers.
  readAnswer: header => ({
    usage: {
      inputTokens: toNumber(header('x-amzn-bedrock-input-token-count')),
      outputTokens: toNumber(header('x-amzn-bedrock-output-token-count')),
    },
  }),
}

const toNumber = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text)
