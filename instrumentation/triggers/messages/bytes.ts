// Header values of Kafka and RabbitMQ: bytes as JSON shows them, which depends on who wrote the JSON.

import { MAX_VALUE_LENGTH, readText } from '../../propagation/carrier.ts'
import { type EventFields, fieldsOf } from '../fields.ts'
import type { ParseBudget } from '../json.ts'

/** Reads header values of one batch, whose numbers are counted as characters that are parsed. */
export const bytesReader =
  (budget: ParseBudget): ((value: unknown, name: string) => string | undefined) =>
  (value, name) =>
    readBytes(value, name, budget)

/** Of as many bytes as a value may have. */
const MAX_BASE64_LENGTH = Math.ceil(MAX_VALUE_LENGTH / 3) * 4

/** A list of numbers, a map of them by index, an object with a list of `bytes`, or simply the text. */
function readBytes(value: unknown, name: string, budget: ParseBudget): string | undefined {
  if (typeof value === 'string') return readText(value, name)
  if (Array.isArray(value)) return decode(value, value.length, budget)
  const fields = fieldsOf(value)
  const { bytes } = fields
  if (typeof bytes === 'string') {
    return bytes.length > MAX_BASE64_LENGTH
      ? undefined
      : readText(Buffer.from(bytes, 'base64').toString(), name)
  }
  if (bytes !== undefined) return readBytes(bytes, name, budget)
  // A value too long to mean anything takes no part of the budget.
  const isValue = Object.hasOwn(fields, '0') && !Object.hasOwn(fields, MAX_VALUE_LENGTH)
  return isValue ? decode(fields, MAX_VALUE_LENGTH, budget) : undefined
}

/** A map's values are looked up one by one, and most are texts. */
const MAP_COST = 3

/** Java's bytes have a sign, and some write each number as a text. */
function decode(
  numbers: EventFields | readonly unknown[],
  length: number,
  budget: ParseBudget,
): string | undefined {
  if (length > MAX_VALUE_LENGTH || budget.left <= 0) return undefined
  const bytes: number[] = []
  for (let at = 0; at < length; at++) {
    const value = (numbers as EventFields)[at]
    if (value === undefined) break
    const number = typeof value === 'string' && value.length < 5 ? Number(value) : value
    if (typeof number !== 'number' || !(number >= -128 && number <= 255)) break
    bytes.push(number)
  }
  budget.left -= Array.isArray(numbers) ? bytes.length : bytes.length * MAP_COST
  return Buffer.from(bytes).toString('utf8')
}
