// What mongodb and mongoose have in common: the shape of a filter, with a `?` for each value, and what an error says.
// https://opentelemetry.io/docs/specs/semconv/db/mongodb/

import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import type { StoreFailure } from './store-call.ts'

export const MONGODB = 'mongodb'

const MAX_TEXT_LENGTH = 1024
const MAX_DEPTH = 6
/** Members of an object, and elements of a list, that are shown. */
const MAX_MEMBERS = 32

/** As JSON: `{"total":{"$gt":"?"}}`. Names of fields are shown, values are not. */
export function filterText({ settings }: LibraryTools, filter: unknown): string | undefined {
  const mode = settings.dbQueryText
  if (mode === 'off' || typeof filter !== 'object' || filter === null) return undefined
  const shown = mode === 'raw' ? filter : shapeOf(filter, 0)
  return JSON.stringify(shown)?.slice(0, MAX_TEXT_LENGTH)
}

function shapeOf(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return '?'
  if (Array.isArray(value)) {
    const isOfObjects = value.some(isPlain)
    return isOfObjects ? value.slice(0, MAX_MEMBERS).map(each => shapeOf(each, depth + 1)) : '?'
  }
  if (!isPlain(value)) return '?'
  const members = Object.entries(value).slice(0, MAX_MEMBERS)
  return Object.fromEntries(members.map(([name, each]) => [name, shapeOf(each, depth + 1)]))
}

/** Values that are objects, such as an ObjectId or a Date, have a class. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** The server's code, as `11000`. What follows `dup key:` are values, and mongoose quotes those that it refuses. */
export function readMongoFailure(error: unknown): StoreFailure {
  const { code, message, name } = fieldsOf(error)
  const isRefusal = name === 'ValidationError' || name === 'CastError'
  const text = isRefusal ? name : message
  return {
    status: typeof code === 'number' ? String(code) : undefined,
    message: typeof text === 'string' ? text.replace(/ dup key: .*$/s, '') : undefined,
  }
}
