// Attribute values as OpenTelemetry defines them.

export type AttributeValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[]

/** `undefined` values are left out when a span is encoded, so that tables can be written without branches. */
export type Attributes = Record<string, AttributeValue | undefined>
