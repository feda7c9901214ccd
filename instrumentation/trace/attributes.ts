// Attribute values as OpenTelemetry defines them.

export type AttributeValue =
  | string
  | number
  | boolean
  | readonly (string | None)[]
  | readonly (number | None)[]
  | readonly (boolean | None)[]

/** A place of a list that holds nothing: it is kept, so that lists that belong together stay in step. */
type None = null | undefined

/** `undefined` values are left out when a span is encoded, so that tables can be written without branches. */
export type Attributes = Record<string, AttributeValue | undefined>
