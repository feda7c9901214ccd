// Reading of events: they come from anyone who may invoke the function, so no field can be trusted to be there, to
// be of its documented type, or to be short.

/** Any JSON object. */
export type EventFields = Readonly<Record<string, unknown>>

/** Bound on names: span names, routes, addresses. */
export const MAX_NAME_LENGTH = 256
/** Bound on free text: paths, user agents. */
export const MAX_TEXT_LENGTH = 1024

const NO_FIELDS: EventFields = Object.freeze({})

/** The value's fields; of anything but an object, none. */
export const fieldsOf = (value: unknown): EventFields =>
  typeof value === 'object' && value !== null ? (value as EventFields) : NO_FIELDS

/** The value if it is a text that says something, cut to the given length. */
export const textOf = (value: unknown, maxLength: number): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, maxLength) : undefined
