// Step Functions: https://opentelemetry.io/docs/specs/semconv/registry/attributes/aws/. An execution takes X-Ray's context from the
// request's header; its input is the user's and gets W3C's only on request (`BATON_INJECT=payloads`).
import { ATTR_POINTER, executionPointer } from '../../propagation/pointer.ts'
import {
  ATTR_AWS_STEP_FUNCTIONS_ACTIVITY_ARN,
  ATTR_AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN,
} from '../../semconv.ts'
import { textOf } from '../fields.ts'
import { MAX_MESSAGE_BYTES, withMembers } from './message-carrier.ts'
import type { AwsService } from './service.ts'

const STARTS = ['StartExecution', 'StartSyncExecution']

export const stepFunctions: AwsService = {
  id: 'SFN',

  describe: ({ input }, set) => {
    set(ATTR_AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN, textOf(input, 'stateMachineArn'))
    set(ATTR_AWS_STEP_FUNCTIONS_ACTIVITY_ARN, textOf(input, 'activityArn'))
  },

  describeAnswer({ operation = '' }, output, set) {
    const execution = textOf(output, 'executionArn')
    if (execution === undefined || !STARTS.includes(operation)) return
    set(ATTR_POINTER, executionPointer(execution))
  },

  inject({ operation = '', input }, carrier) {
    if (carrier.injection !== 'payloads' || !STARTS.includes(operation)) return undefined
    const text = withMembers(textOf(input, 'input') ?? '{}', carrier, MAX_MESSAGE_BYTES)
    return text === undefined ? undefined : { ...input, input: text }
  },
}
