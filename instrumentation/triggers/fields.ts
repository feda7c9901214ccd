// Reading of events: they come from anyone who may invoke the function, so no field can be trusted to be there, to
// be of its documented type, or to be short.

/** Any JSON object. */
export type EventFields = Readonly<Record<string, unknown>>

/** Bound on names: span names, routes, addresses. */
export const MAX_NAME_LENGTH = 256
/** Bound on free text: paths, user agents. */
export const MAX_TEXT_LENGTH = 1024

const NO_FIELDS: EventFields = Object.freeze({})
const NO_LIST: readonly unknown[] = Object.freeze([])

/** The value's fields; of anything but an object, none. */
export const fieldsOf = (value: unknown): EventFields =>
  typeof value === 'object' && value !== null ? (value as EventFields) : NO_FIELDS

/** The value if it is a text that says something, cut to the given length. */
export const textOf = (value: unknown, maxLength: number): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, maxLength) : undefined

/** The same with the bound on names. */
export const nameOf = (value: unknown): string | undefined => textOf(value, MAX_NAME_LENGTH)

/** The value if it is a list; else an empty one. */
export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : NO_LIST

const MAX_ARN_LENGTH = 2048

/** What an ARN names: all after `arn:partition:service:region:account:`, or after the given mark in it. */
export function resourceOf(arn: unknown, mark?: string): string | undefined {
  const text = textOf(arn, MAX_ARN_LENGTH)
  if (text === undefined || !text.startsWith('arn:')) return undefined
  let at = -1
  for (let colons = 0; colons < 5; colons++) {
    at = text.indexOf(':', at + 1)
    if (at === -1) return undefined
  }
  const resource = text.slice(at + 1)
  const markAt = mark === undefined ? -1 : resource.indexOf(mark)
  return nameOf(markAt === -1 ? resource : resource.slice(markAt + (mark ?? '').length))
}

/** The first part of a path-like resource: `orders` of `orders/stream/2026-01-01T00:00:00.000`. */
export function firstPart(resource: string | undefined): string | undefined {
  const end = resource?.indexOf('/') ?? -1
  return end === -1 ? resource : nameOf(resource?.slice(0, end))
}
