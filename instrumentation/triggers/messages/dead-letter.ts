// Lambda's dead-letter queue or topic: the event that it gave up on is the message, and why stands in attributes.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq

import type { NamedCarrier } from '../../propagation/carrier.ts'
import { fieldsOf } from '../fields.ts'
import { carriersOfTrigger } from '../inner.ts'
import { type ParseBudget, parseObject } from '../json.ts'
import type { Given } from '../trigger.ts'

/** By the message's attributes, of SQS or of SNS. */
export function isDeadLetter(attributes: unknown): boolean {
  const { ErrorCode, ErrorMessage, RequestID } = fieldsOf(attributes)
  return ErrorCode !== undefined && ErrorMessage !== undefined && RequestID !== undefined
}

/** Those of the event that the message is: of work that is over. */
export function deadLetterCarriers(
  message: unknown,
  budget: ParseBudget,
  given: Given,
): readonly NamedCarrier[] {
  const event = parseObject(message, budget)
  return event === undefined ? [] : carriersOfTrigger(given.detectInner(event))
}
