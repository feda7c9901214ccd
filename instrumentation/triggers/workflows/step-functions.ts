// Step Functions, when the state machine hands its context object on: at the top of the event, in `Payload`, or under
// a name of some tracer. Every state of an execution falls into one trace, whether or not its input had a carrier.
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html

import type { NamedCarrier } from '../../propagation/carrier.ts'
import { ATTR_POINTER, executionPointer } from '../../propagation/pointer.ts'
import { ATTR_AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN } from '../../semconv.ts'
import { type EventFields, fieldsOf, nameOf, textOf } from '../fields.ts'
import { numberOf } from '../hop.ts'
import { fieldCarriers } from '../messages/message-attributes.ts'
import { describeOther } from '../other.ts'
import type { TriggerSource } from '../trigger.ts'
import { deterministicCarrier } from './deterministic.ts'

/** Ours: no convention has names for these. */
const ATTR_EXECUTION = 'baton.step_functions.execution'
const ATTR_STATE = 'baton.step_functions.state'
const ATTR_RETRY_COUNT = 'baton.step_functions.retry_count'
const ATTR_REDRIVE_COUNT = 'baton.step_functions.redrive_count'

const PLACES = ['Payload', 'baton', '_datadog']
const MAX_ARN_LENGTH = 2048

export const stepFunctions: TriggerSource = {
  name: 'step-functions',
  detect: event => contextOf(event) !== undefined,
  describe: (event, { functionName }) => {
    const context = contextOf(event) ?? {}
    const execution = fieldsOf(context.Execution)
    const state = fieldsOf(context.State)
    const trigger = describeOther(stepFunctions.name, functionName)
    return {
      ...trigger,
      attributes: {
        ...trigger.attributes,
        [ATTR_AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN]: nameOf(fieldsOf(context.StateMachine).Id),
        [ATTR_EXECUTION]: nameOf(execution.Name),
        [ATTR_STATE]: nameOf(state.Name),
        [ATTR_RETRY_COUNT]: numberOf(state.RetryCount),
        [ATTR_REDRIVE_COUNT]: numberOf(execution.RedriveCount),
      },
      carriers: [
        ...fieldCarriers('step-functions.input', fieldsOf(execution.Input)),
        deterministicOf(execution, state),
      ],
      describeLate: () => {
        const id = textOf(execution.Id, MAX_ARN_LENGTH)
        return id === undefined ? {} : { attributes: { [ATTR_POINTER]: [executionPointer(id)] } }
      },
    }
  },
}

/** The context object, wherever it stands. */
function contextOf(event: EventFields): EventFields | undefined {
  if (isContext(event)) return event
  for (const place of PLACES) {
    const inner = fieldsOf(event[place])
    if (isContext(inner)) return inner
  }
  return undefined
}

const isContext = ({ Execution, State, StateMachine }: EventFields): boolean =>
  typeof Execution === 'object' &&
  typeof State === 'object' &&
  typeof StateMachine === 'object' &&
  typeof fieldsOf(Execution).Id === 'string'

/** An execution that another one started says so in its input. */
const STARTED_BY = 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID'

function deterministicOf(execution: EventFields, state: EventFields): NamedCarrier {
  const id = textOf(execution.Id, MAX_ARN_LENGTH) ?? ''
  const startedBy = fieldsOf(execution.Input)[STARTED_BY]
  const root = textOf(execution.RootExecutionId ?? startedBy, MAX_ARN_LENGTH) ?? id
  const retries = numberOf(state.RetryCount) ?? 0
  const redrives = numberOf(execution.RedriveCount) ?? 0
  const part = [id, nameOf(state.Name) ?? '', nameOf(state.EnteredTime) ?? '']
  if (retries > 0 || redrives > 0) part.push(`${retries}`, `${redrives}`)
  return deterministicCarrier('step-functions.execution', root, part.join('#'))
}
