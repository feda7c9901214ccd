// Members of a valid `tracestate`: ours are put in front, everybody else's stay as they are.
//
//   ot=th:8;rv:d29d6a7215ced0,vendor=abc
//
// `ot` is OpenTelemetry's: `th` says from which value on traces were sampled, `rv` is the value where it is not the trace
// id's. https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/

/** W3C Trace Context, section 3.3.1.1. */
const MAX_MEMBERS = 32
const MAX_VALUE_LENGTH = 256

const OT = 'ot'
/** Hex digits of the 56 bits by which is sampled. */
export const RANDOM_DIGITS = 14

/** The member's value; `undefined` when there is none. */
export function readMember(traceState: string | undefined, key: string): string | undefined {
  if (traceState === undefined) return undefined
  for (const member of traceState.split(',')) {
    if (keyOf(member) === key) return member.slice(key.length + 1)
  }
  return undefined
}

/** Sets a member and moves it to the front, or takes it out; the last one makes room where there is none. */
export function setMember(
  traceState: string | undefined,
  key: string,
  value: string | undefined,
): string | undefined {
  const others = traceState?.split(',').filter(member => keyOf(member) !== key) ?? []
  const members =
    value === undefined ? others : [`${key}=${value}`, ...others.slice(0, MAX_MEMBERS - 1)]
  return members.length === 0 ? undefined : members.join(',')
}

/** The value that the trace's first service chose for sampling, as 14 hex digits; absent, the trace id's end is it. */
export function readRandomValue(traceState: string | undefined): string | undefined {
  const field = fieldsOf(traceState).find(each => each.startsWith('rv:'))
  const value = field?.slice(3).toLowerCase()
  return value !== undefined && value.length === RANDOM_DIGITS && isHex(value) ? value : undefined
}

export const hasThreshold = (traceState: string | undefined): boolean =>
  fieldsOf(traceState).some(each => each.startsWith('th:'))

/** Says from which value on was sampled; `undefined` takes out what a caller said of it. */
export function setThreshold(
  traceState: string | undefined,
  threshold: string | undefined,
): string | undefined {
  // A member that stays as it is keeps its place.
  if (threshold === undefined && !hasThreshold(traceState)) return traceState
  const others = fieldsOf(traceState).filter(each => !each.startsWith('th:'))
  const fields = threshold === undefined ? others : [`th:${threshold}`, ...others]
  while (fields.join(';').length > MAX_VALUE_LENGTH) fields.pop()
  return setMember(traceState, OT, fields.length === 0 ? undefined : fields.join(';'))
}

const fieldsOf = (traceState: string | undefined): readonly string[] =>
  readMember(traceState, OT)?.split(';') ?? []

const keyOf = (member: string): string => member.slice(0, Math.max(0, member.indexOf('=')))

const isHex = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    if (!'0123456789abcdef'.includes(text.charAt(i))) return false
  }
  return true
}
