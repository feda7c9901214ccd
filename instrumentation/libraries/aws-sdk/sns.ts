// SNS: https://opentelemetry.io/docs/specs/semconv/messaging/sns/. A phone number is nobody's business: it is not recorded.
import { ATTR_POINTER, messagePointer } from '../../propagation/pointer.ts'
import {
  ATTR_AWS_SNS_TOPIC_ARN,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
} from '../../semconv.ts'
import { lastPart, listOf, textOf } from '../fields.ts'
import { injectBatch, injectMessage, type MessageForm } from './message-batch.ts'
import { reachesMessages } from './message-carrier.ts'
import type { AwsService } from './service.ts'
import { pointersOf } from './sqs.ts'

const FORM: MessageForm = {
  texts: ['Message', 'Subject'],
  entries: 'PublishBatchRequestEntries',
}
const SENDS = ['Publish', 'PublishBatch']

export const sns: AwsService = {
  id: 'SNS',
  sends: SENDS,

  describe({ operation = '', input }, set) {
    const topic = textOf(input, 'TopicArn') ?? textOf(input, 'TargetArn')
    set(ATTR_MESSAGING_SYSTEM, 'aws.sns')
    set(ATTR_MESSAGING_DESTINATION_NAME, lastPart(topic))
    set(ATTR_AWS_SNS_TOPIC_ARN, textOf(input, 'TopicArn'))
    set(ATTR_MESSAGING_OPERATION_NAME, operation || undefined)
    set(ATTR_MESSAGING_OPERATION_TYPE, SENDS.includes(operation) ? 'send' : undefined)
    set(ATTR_MESSAGING_BATCH_MESSAGE_COUNT, listOf(input, 'PublishBatchRequestEntries')?.length)
  },

  describeAnswer(_call, output, set) {
    const id = textOf(output, 'MessageId')
    set(ATTR_MESSAGING_MESSAGE_ID, id)
    set(
      ATTR_POINTER,
      id === undefined ? pointersOf(listOf(output, 'Successful') ?? []) : messagePointer(id),
    )
  },

  inject({ operation, input }, carrier) {
    if (!reachesMessages(carrier)) return undefined
    if (operation === 'Publish') {
      // A text message to a phone has no room for others' attributes.
      if (input.PhoneNumber !== undefined) return undefined
      return injectMessage(FORM, input, carrier)
    }
    return operation === 'PublishBatch' ? injectBatch(FORM, input, carrier) : undefined
  },
}
