// Every event that no source claims: a direct Invoke, a test, a service we do not know. Its context, if any, comes
// by the client context or the X-Ray header.

import { ATTR_FAAS_TRIGGER } from '../semconv.ts'
import { SPAN_KIND_SERVER } from '../trace/span-kind.ts'
import { MAX_NAME_LENGTH, textOf } from './fields.ts'
import { NOTHING_KNOWN, type Trigger, type TriggerSource } from './trigger.ts'

export const other: TriggerSource = {
  name: 'other',
  detect: () => true,
  describe: (_event, { functionName }) => describeOther(other.name, functionName),
}

/** The span of an invocation of which no convention knows more than the function's name. */
export const describeOther = (source: string, functionName: string): Trigger => ({
  source,
  faasTrigger: 'other',
  // The function's name is absent only outside Lambda.
  spanName: textOf(functionName, MAX_NAME_LENGTH) ?? 'invocation',
  spanKind: SPAN_KIND_SERVER,
  attributes: { [ATTR_FAAS_TRIGGER]: 'other' },
  carriers: [],
  describeResult: () => NOTHING_KNOWN,
})
