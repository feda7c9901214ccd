// SQS: https://opentelemetry.io/docs/specs/semconv/messaging/sqs/. X-Ray's context travels as a system attribute that SQS
// makes of the request's header; message attributes are for consumers that read W3C's.
import { ATTR_POINTER, messagePointer } from '../../propagation/pointer.ts'
import {
  ATTR_AWS_SQS_QUEUE_URL,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
} from '../../semconv.ts'
import { fieldsOf, lastPart, listOf, textOf } from '../fields.ts'
import { injectBatch, injectMessage, type MessageForm } from './message-batch.ts'
import { reachesMessages } from './message-carrier.ts'
import type { AwsService } from './service.ts'

const FORM: MessageForm = { texts: ['MessageBody'], entries: 'Entries' }
const SENDS = ['SendMessage', 'SendMessageBatch']
const TYPES: Readonly<Record<string, string>> = {
  SendMessage: 'send',
  SendMessageBatch: 'send',
  ReceiveMessage: 'receive',
  DeleteMessage: 'settle',
  DeleteMessageBatch: 'settle',
}

export const sqs: AwsService = {
  id: 'SQS',
  sends: SENDS,

  describe({ operation = '', input }, set) {
    const url = textOf(input, 'QueueUrl')
    set(ATTR_MESSAGING_SYSTEM, 'aws_sqs')
    set(ATTR_MESSAGING_DESTINATION_NAME, lastPart(url))
    set(ATTR_AWS_SQS_QUEUE_URL, url)
    set(ATTR_MESSAGING_OPERATION_NAME, operation || undefined)
    set(ATTR_MESSAGING_OPERATION_TYPE, TYPES[operation])
    set(ATTR_MESSAGING_BATCH_MESSAGE_COUNT, listOf(input, 'Entries')?.length)
  },

  describeAnswer({ operation = '' }, output, set) {
    const id = textOf(output, 'MessageId')
    const sent = SENDS.includes(operation) ? (listOf(output, 'Successful') ?? []) : []
    set(ATTR_MESSAGING_MESSAGE_ID, id)
    set(ATTR_MESSAGING_BATCH_MESSAGE_COUNT, listOf(output, 'Messages')?.length)
    set(ATTR_POINTER, id === undefined ? pointersOf(sent) : messagePointer(id))
  },

  inject({ operation, input }, carrier) {
    if (!reachesMessages(carrier)) return undefined
    if (operation === 'SendMessage') return injectMessage(FORM, input, carrier)
    return operation === 'SendMessageBatch' ? injectBatch(FORM, input, carrier) : undefined
  },
}

export function pointersOf(entries: readonly unknown[]): readonly string[] | undefined {
  const ids = entries
    .map(each => textOf(fieldsOf(each), 'MessageId'))
    .filter(id => id !== undefined)
  return ids.length === 0 ? undefined : ids.map(messagePointer)
}
