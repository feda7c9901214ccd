// How much one span may hold. What is cut is counted on the span (`dropped_*_count`).
import type { AttributeValue } from './attributes.ts'

/** https://opentelemetry.io/docs/specs/otel/common/#attribute-limits and, for events and links, the SDK's span limits. */
export interface SpanLimits {
  readonly attributeCount: number
  /** Characters of a text, also inside lists. */
  readonly attributeValueLength: number
  readonly eventCount: number
  readonly linkCount: number
}

/** Attributes of one event or link: OpenTelemetry's default. */
export const MAX_NESTED_ATTRIBUTES = 128
/** Elements of a list: the specification sets no limit, a function's memory does. */
const MAX_LIST_LENGTH = 1024
/** Characters of a name; longer ones are cut. */
export const MAX_NAME_LENGTH = 1024

/** The value cut to what the limits allow; `undefined` for what is no attribute value. */
export function limitValue(value: unknown, maxLength: number): AttributeValue | undefined {
  switch (typeof value) {
    case 'string':
      return value.length > maxLength ? value.slice(0, maxLength) : value
    case 'number':
    case 'boolean':
      return value
    case 'object':
      return Array.isArray(value) ? limitList(value, maxLength) : undefined
    default:
      return undefined
  }
}

function limitList(values: readonly unknown[], maxLength: number): AttributeValue | undefined {
  const kind = typeof values[0]
  if (values.length > 0 && kind !== 'string' && kind !== 'number' && kind !== 'boolean')
    return undefined
  const list: unknown[] = []
  for (let index = 0; index < values.length && index < MAX_LIST_LENGTH; index++) {
    const value = values[index]
    if (typeof value !== kind) return undefined
    list.push(
      typeof value === 'string' && value.length > maxLength ? value.slice(0, maxLength) : value,
    )
  }
  return list as unknown as AttributeValue
}
