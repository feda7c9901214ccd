// Message attributes of SQS and SNS as carriers: each is an object with a type and a value, binary ones in base64.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html

import { mapCarriers, type NamedCarrier, readText } from '../../propagation/carrier.ts'
import { type EventFields, fieldsOf } from '../fields.ts'
import { decodeObject, newBudget, type ParseBudget, parseObject } from '../json.ts'

/** Some tracers put all their headers, as JSON, into one attribute: a message may have ten. */
const PACKED = '_datadog'

/** `X-Amzn-Trace-Id` under the name that services use who cannot have blanks or dashes in theirs. */
const XRAY_ATTRIBUTE = '_X_AMZN_TRACE_ID'

/** The attributes by themselves, then what one of them may pack together. */
export function attributeCarriers(
  name: string,
  attributes: unknown,
  budget: ParseBudget,
): readonly NamedCarrier[] {
  if (typeof attributes !== 'object' || attributes === null) return [{ name, carrier: nothing }]
  const fields = attributes as EventFields
  const carriers = mapCarriers(name, fields, readAttribute)
  if (!Object.hasOwn(fields, PACKED)) return carriers
  const packed = packedFields(fields[PACKED], budget)
  return packed === undefined
    ? carriers
    : [...carriers, ...mapCarriers(`${name}.${PACKED}`, packed)]
}

/** Fields of a JSON object that is itself a carrier: an event's `detail`, a stream record's data. */
export function fieldCarriers(name: string, fields: EventFields): readonly NamedCarrier[] {
  const carriers = mapCarriers(name, fields)
  return Object.hasOwn(fields, PACKED)
    ? [...carriers, ...mapCarriers(`${name}.${PACKED}`, fields[PACKED])]
    : carriers
}

/** The X-Ray header of one text, as a carrier. */
export const xrayCarrier = (name: string, text: unknown): NamedCarrier => ({
  name,
  carrier: header => (header === 'x-amzn-trace-id' ? readText(text, header) : undefined),
})

/** The same where it is among SNS's attributes. */
export const xrayAttributeCarrier = (name: string, attributes: unknown): NamedCarrier => {
  const value = fieldsOf(attributes)[XRAY_ATTRIBUTE]
  return xrayCarrier(name, readAttribute(value, 'x-amzn-trace-id'))
}

const nothing = (): undefined => undefined

function readAttribute(attribute: unknown, name: string): string | undefined {
  const { stringValue, Value, binaryValue, Type, dataType } = fieldsOf(attribute)
  const kind = Type ?? dataType
  const isBinary = typeof kind === 'string' && kind.startsWith('Binary')
  const text = stringValue ?? (isBinary ? undefined : Value)
  if (typeof text === 'string' && text !== '') return readText(text, name)
  const bytes = readText(isBinary ? (binaryValue ?? Value) : binaryValue, name)
  return bytes === undefined ? undefined : Buffer.from(bytes, 'base64').toString('utf8')
}

/** What a Lambda authorizer put into its answer's context, where all values are texts. */
export function authorizerCarriers(name: string, context: unknown): readonly NamedCarrier[] {
  const fields = fieldsOf(context)
  const carriers = mapCarriers(name, context)
  const packed = Object.hasOwn(fields, PACKED) ? unpack(fields[PACKED], newBudget()) : undefined
  return packed === undefined
    ? carriers
    : [...carriers, ...mapCarriers(`${name}.${PACKED}`, packed)]
}

function packedFields(attribute: unknown, budget: ParseBudget): EventFields | undefined {
  const { stringValue, Value, binaryValue } = fieldsOf(attribute)
  return unpack(stringValue ?? binaryValue ?? Value, budget)
}

/** JSON, or that in base64. */
const unpack = (text: unknown, budget: ParseBudget): EventFields | undefined =>
  parseObject(text, budget) ?? parseObject(decodeObject(text, budget), budget)
