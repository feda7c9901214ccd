// Headers that the user has asked for, by OpenTelemetry's lists: nothing of a request's headers is on a span otherwise.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/ (`http.request.header.<key>`)
import type { Attributes } from './trace/attributes.ts'

/** Lower-case names, of requests and of answers. */
export interface HeaderLists {
  readonly request: readonly string[]
  readonly response: readonly string[]
}

export interface HeaderCapture {
  /** Calls that the function makes. */
  readonly client: HeaderLists
  /** Requests that it serves. */
  readonly server: HeaderLists
}

export const REQUEST_HEADER = 'http.request.header.'
export const RESPONSE_HEADER = 'http.response.header.'

const MAX_VALUES = 32

/** Those of the listed ones that are read; a header's values in one text are one value. */
export function captureHeaders(
  prefix: string,
  names: readonly string[],
  read: (name: string) => string | undefined,
): Attributes {
  const attributes: Attributes = {}
  for (const name of names) {
    const value = read(name)
    if (value !== undefined) attributes[`${prefix}${name}`] = [value]
  }
  return attributes
}

/**
 * Those of an HTTP event, or of a handler's result: `headers` and `multiValueHeaders`, in any spelling, the values as they
 * stand. Of an object whose getters throw it takes what came before.
 */
export function captureFields(
  prefix: string,
  names: readonly string[] | undefined,
  source: unknown,
): Attributes {
  const attributes: Attributes = {}
  if (names === undefined || names.length === 0) return attributes
  try {
    for (const field of ['headers', 'multiValueHeaders']) {
      for (const [key, value] of Object.entries(objectOf(objectOf(source)[field]))) {
        const name = key.toLowerCase()
        const texts = names.includes(name) ? textsOf(value) : []
        if (texts.length > 0) attributes[`${prefix}${name}`] = texts
      }
    }
  } catch {
    // The user's own object.
  }
  return attributes
}

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(isPlain).slice(0, MAX_VALUES).map(String)

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)
