// One message with context in its attributes, and a batch of such within the limit that all of it shares: SQS and SNS differ only in
// what their fields are called.
import { childOf, type Fields, fieldsOf, listOf } from '../fields.ts'
import {
  attributesBytes,
  bytesOf,
  MAX_MESSAGE_BYTES,
  type MessageCarrier,
  withAttributes,
} from './message-carrier.ts'

export interface MessageForm {
  /** Fields whose texts count towards the limit. */
  readonly texts: readonly string[]
  /** Where a batch has its messages. */
  readonly entries: string
}

interface Injected {
  readonly message: Fields
  readonly bytes: number
}

/** A copy of the input of a call that sends one message; `undefined` when nothing is added. */
export const injectMessage = (
  form: MessageForm,
  input: Fields,
  carrier: MessageCarrier,
): Fields | undefined => injectWithin(form, input, carrier, MAX_MESSAGE_BYTES)?.message

/** A copy of the input of a call that sends a batch; messages for which there is no room stay as they are. */
export function injectBatch(
  form: MessageForm,
  input: Fields,
  carrier: MessageCarrier,
): Fields | undefined {
  const entries = (listOf(input, form.entries) ?? []).map(fieldsOf)
  let total = entries.reduce((sum, each) => sum + sizeOf(form, each), 0)
  const injected = entries.map(entry => {
    const size = sizeOf(form, entry)
    const found = injectWithin(form, entry, carrier, MAX_MESSAGE_BYTES - (total - size))
    if (found === undefined) return entry
    total += found.bytes - size
    return found.message
  })
  if (injected.every((entry, at) => entry === entries[at])) return undefined
  return { ...input, [form.entries]: injected }
}

function injectWithin(
  form: MessageForm,
  message: Fields,
  carrier: MessageCarrier,
  maxBytes: number,
): Injected | undefined {
  const attributes = childOf(message, 'MessageAttributes')
  const found = withAttributes(attributes, carrier, textBytes(form, message), maxBytes)
  return (
    found && { message: { ...message, MessageAttributes: found.attributes }, bytes: found.bytes }
  )
}

const sizeOf = (form: MessageForm, message: Fields): number =>
  textBytes(form, message) + attributesBytes(childOf(message, 'MessageAttributes'))

const textBytes = (form: MessageForm, message: Fields): number =>
  form.texts.reduce((sum, name) => sum + bytesOf(message[name]), 0)
