// What Lambda sends after an asynchronous invocation: its request and its result. The context in the request is that of
// work which is over, and so a link. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

import { type EventFields, fieldsOf, nameOf, resourceOf } from '../fields.ts'
import { carriersOfTrigger } from '../inner.ts'
import { describeOther } from '../other.ts'
import type { TriggerSource } from '../trigger.ts'

/** Ours: no convention has a name for these. */
const ATTR_CONDITION = 'baton.destination.condition'
const ATTR_FUNCTION = 'baton.destination.function'

export const destination: TriggerSource = {
  name: 'destination',
  detect: event =>
    typeof fieldsOf(event.requestContext).functionArn === 'string' && 'requestPayload' in event,
  describe: (event, { functionName, detectInner }) => {
    const { condition, functionArn }: EventFields = fieldsOf(event.requestContext)
    const trigger = describeOther(destination.name, functionName)
    return {
      ...trigger,
      attributes: {
        ...trigger.attributes,
        [ATTR_CONDITION]: nameOf(condition),
        // function:NAME:QUALIFIER
        [ATTR_FUNCTION]: resourceOf(functionArn, ':')?.split(':', 1)[0],
      },
      carriers: carriersOfTrigger(detectInner(event.requestPayload)),
      relation: 'link',
    }
  },
}
