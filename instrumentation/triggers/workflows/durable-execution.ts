// Durable functions: one execution is many invocations, each with the operations so far. All are parts of one trace:
// that of the carrier in the first input or, without one, one made of the execution's ARN.
// https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html

import { mapCarriers, type NamedCarrier } from '../../propagation/carrier.ts'
import { type EventFields, fieldsOf, listOf, nameOf, textOf } from '../fields.ts'
import { numberOf } from '../hop.ts'
import { carriersOfTrigger } from '../inner.ts'
import { newBudget, type ParseBudget, parseObject } from '../json.ts'
import { describeOther } from '../other.ts'
import type { Given, TriggerSource } from '../trigger.ts'
import { deterministicCarrier } from './deterministic.ts'

/** Ours: no convention has names for these. */
const ATTR_EXECUTION_NAME = 'baton.durable.execution_name'
const ATTR_EXECUTION_ID = 'baton.durable.execution_id'
const ATTR_IS_REPLAY = 'baton.durable.is_replay'

const MAX_ARN_LENGTH = 2048
/** Operations looked through, from the last one back. */
const MAX_OPERATIONS = 64
const CHECKPOINT = /^_(?:baton|datadog)_([0-9]{1,6})$/

export const durableExecution: TriggerSource = {
  name: 'durable-execution',
  detect: event => typeof event.DurableExecutionArn === 'string',
  describe: (event, given) => {
    const arn = textOf(event.DurableExecutionArn, MAX_ARN_LENGTH) ?? ''
    const operations = listOf(fieldsOf(event.InitialExecutionState).Operations)
    // …function:NAME:VERSION/durable-execution/NAME/ID
    const [, name, id] = arn.slice(arn.indexOf('/durable-execution/') + 1).split('/')
    const trigger = describeOther(durableExecution.name, given.functionName)
    return {
      ...trigger,
      attributes: {
        ...trigger.attributes,
        [ATTR_EXECUTION_NAME]: nameOf(name),
        [ATTR_EXECUTION_ID]: nameOf(id),
        [ATTR_IS_REPLAY]: operations.length > 1,
      },
      carriers: [
        ...carriersOf(operations, given),
        deterministicCarrier('durable.execution', arn, `${arn}#0`),
      ],
    }
  },
}

function carriersOf(operations: readonly unknown[], given: Given): readonly NamedCarrier[] {
  const budget = newBudget()
  const checkpoint = lastCheckpoint(operations, budget)
  const { InputPayload } = fieldsOf(fieldsOf(operations[0]).ExecutionDetails)
  const input = parseObject(InputPayload, budget)
  return [
    ...(checkpoint === undefined ? [] : mapCarriers('durable.checkpoint', checkpoint)),
    ...(input === undefined ? [] : carriersOfTrigger(given.detectInner(input))),
  ]
}

/** The headers that a tracer left as a step of its own; the highest number is the newest. */
function lastCheckpoint(
  operations: readonly unknown[],
  budget: ParseBudget,
): EventFields | undefined {
  let highest = -1
  let found: EventFields | undefined
  for (const value of operations.slice(-MAX_OPERATIONS)) {
    const operation = fieldsOf(value)
    const number = numberOf(CHECKPOINT.exec(nameOf(operation.Name) ?? '')?.[1]) ?? -1
    if (number <= highest) continue
    highest = number
    found = operation
  }
  return found && parseObject(found.Payload ?? fieldsOf(found.StepDetails).Result, budget)
}
