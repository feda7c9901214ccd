// Lambda: https://opentelemetry.io/docs/specs/semconv/faas/. A function that is invoked directly finds the context in its client
// context, under `custom`, where tracers of other languages put it too.
import {
  ATTR_AWS_LAMBDA_RESOURCE_MAPPING_ID,
  ATTR_FAAS_INVOKED_NAME,
  ATTR_FAAS_INVOKED_PROVIDER,
  ATTR_FAAS_INVOKED_REGION,
} from '../../semconv.ts'
import { childOf, fieldsOf, textOf } from '../fields.ts'
import { type MessageCarrier, reachesMessages } from './message-carrier.ts'
import type { AwsService } from './service.ts'
import { findRoute, type Route } from './wire-request.ts'

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax */
const MAX_CLIENT_CONTEXT_BYTES = 3583

const INVOKES = ['Invoke', 'InvokeWithResponseStream', 'InvokeAsync']
const ROUTES: readonly Route[] = [
  { method: 'POST', path: '2015-03-31/functions/*/invocations', operation: 'Invoke' },
  {
    method: 'POST',
    path: '2021-11-15/functions/*/response-streaming-invocations',
    operation: 'InvokeWithResponseStream',
  },
  { method: 'POST', path: '2014-11-13/functions/*/invoke-async', operation: 'InvokeAsync' },
  { method: 'GET', path: '2015-03-31/functions/*', operation: 'GetFunction' },
  { method: 'GET', path: '2015-03-31/functions', operation: 'ListFunctions' },
]

export const lambda: AwsService = {
  id: 'Lambda',

  describe({ operation = '', region, input }, set) {
    const mapping = textOf(input, 'UUID')
    const name = textOf(input, 'FunctionName')
    if (name === undefined || !INVOKES.includes(operation)) {
      set(ATTR_AWS_LAMBDA_RESOURCE_MAPPING_ID, mapping)
      return
    }
    const isArn = name.startsWith('arn:')
    set(ATTR_FAAS_INVOKED_NAME, functionName(name))
    set(ATTR_FAAS_INVOKED_PROVIDER, 'aws')
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME
    set(ATTR_FAAS_INVOKED_REGION, isArn ? name.split(':')[3] : region)
  },

  inject({ operation, input }, carrier) {
    if (!reachesMessages(carrier)) return undefined
    if (operation !== 'Invoke' && operation !== 'InvokeWithResponseStream') return undefined
    if (input.InvocationType === 'DryRun') return undefined
    const context = injectClientContext(textOf(input, 'ClientContext'), carrier)
    return context === undefined ? undefined : { ...input, ClientContext: context }
  },

  readRequest(request) {
    const found = findRoute(ROUTES, request)
    return { operation: found?.operation, input: { FunctionName: found?.parts[0] } }
  },
}

/** `NAME`, `NAME:ALIAS`, `ACCOUNT:function:NAME` or an ARN. */
function functionName(name: string): string {
  const parts = name.split(':')
  const at = parts.indexOf('function')
  return (at === -1 ? parts[0] : parts[at + 1]) ?? name
}

/** What of the context fits, from the most important on; `undefined` when nothing does or the user's cannot be added to. */
function injectClientContext(
  text: string | undefined,
  carrier: MessageCarrier,
): string | undefined {
  const context = text === undefined ? {} : parse(text)
  if (context === undefined) return undefined
  const custom = childOf(context, 'custom')
  if (carrier.entries.some(([name]) => Object.hasOwn(custom, name))) return undefined
  for (let count = carrier.entries.length; count > 0; count--) {
    const ours = Object.fromEntries(carrier.entries.slice(0, count))
    const whole = JSON.stringify({ ...context, custom: { ...custom, ...ours } })
    const encoded = Buffer.from(whole).toString('base64')
    if (encoded.length <= MAX_CLIENT_CONTEXT_BYTES) return encoded
  }
  return undefined
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const context: unknown = JSON.parse(Buffer.from(text, 'base64').toString())
    if (typeof context !== 'object' || context === null || Array.isArray(context)) return undefined
    const { custom } = fieldsOf(context)
    return custom === undefined || (typeof custom === 'object' && custom !== null)
      ? fieldsOf(context)
      : undefined
  } catch {
    return undefined
  }
}
