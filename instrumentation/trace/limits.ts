// How much one span may hold. What is cut is counted on the span (`dropped_*_count`).
import type { AttributeValue } from './attributes.ts'

/** https://opentelemetry.io/docs/specs/otel/common/#attribute-limits and, for events and links, the SDK's span limits. */
export interface SpanLimits {
  readonly attributeCount: number
  /** Characters of a text, also inside lists. */
  readonly attributeValueLength: number
  readonly eventCount: number
  readonly linkCount: number
  /** Attributes of one event; OpenTelemetry's default where absent. */
  readonly eventAttributeCount?: number
  /** The same of one link. */
  readonly linkAttributeCount?: number
}

/** Attributes of one event or link: OpenTelemetry's default. */
export const DEFAULT_NESTED_ATTRIBUTES = 128
/** Elements of a list: the specification sets no limit, a function's memory does. */
const MAX_LIST_LENGTH = 1024
/** A list's elements are all of one kind; places that hold nothing may stand between them. */
const LIST_KINDS: readonly string[] = ['string', 'number', 'boolean']
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
  let kind: string | undefined
  const list: unknown[] = []
  for (let index = 0; index < values.length && index < MAX_LIST_LENGTH; index++) {
    const value = values[index]
    if (value === null || value === undefined) {
      list.push(null)
      continue
    }
    kind ??= typeof value
    if (typeof value !== kind || !LIST_KINDS.includes(kind)) return undefined
    list.push(
      typeof value === 'string' && value.length > maxLength ? value.slice(0, maxLength) : value,
    )
  }
  return list as unknown as AttributeValue
}
