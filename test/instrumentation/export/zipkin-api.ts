// Zipkin's v2 API as its OpenAPI definition publishes it (zipkin2-api.yaml 1.0.0): which fields a span has, of which
// types, and what their descriptions ask for. Written down from those facts; `npm run test:interop` asks a real Zipkin.

type Check = (value: unknown) => boolean

const isText: Check = value => typeof value === 'string'
const isInteger: Check = value => Number.isSafeInteger(value)
const isMicroseconds: Check = value => isInteger(value) && Number(value) > 0
const isHex =
  (...lengths: readonly number[]): Check =>
  value =>
    isText(value) && /^[0-9a-f]+$/.test(String(value)) && lengths.includes(String(value).length)

/** An object of these fields and no others. */
const isObject =
  (fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  value =>
    typeof value === 'object' &&
    value !== null &&
    required.every(name => Object.hasOwn(value, name)) &&
    Object.entries(value).every(
      ([name, each]) => Object.hasOwn(fields, name) && fields[name]?.(each) === true,
    )

const isListOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check)

const isEndpoint = isObject({
  serviceName: isText,
  ipv4: value => /^\d{1,3}(\.\d{1,3}){3}$/.test(String(value)),
  ipv6: value => isText(value) && String(value).includes(':'),
  port: value => isInteger(value) && Number(value) > 0 && Number(value) < 65_536,
})

const SPAN_FIELDS: Readonly<Record<string, Check>> = {
  traceId: isHex(16, 32),
  name: isText,
  parentId: isHex(16),
  id: isHex(16),
  kind: value => ['CLIENT', 'SERVER', 'PRODUCER', 'CONSUMER'].includes(String(value)),
  timestamp: isMicroseconds,
  duration: isMicroseconds,
  debug: value => typeof value === 'boolean',
  shared: value => typeof value === 'boolean',
  localEndpoint: isEndpoint,
  remoteEndpoint: isEndpoint,
  annotations: isListOf(isObject({ timestamp: isInteger, value: isText }, ['timestamp', 'value'])),
  tags: value =>
    typeof value === 'object' && value !== null && Object.values(value).every(each => isText(each)),
}

/** Names of the fields that are not as they should be. */
export function findZipkinFlaws(span: Readonly<Record<string, unknown>>): readonly string[] {
  const wrong = Object.entries(span).filter(
    ([name, value]) => !Object.hasOwn(SPAN_FIELDS, name) || SPAN_FIELDS[name]?.(value) !== true,
  )
  const missing = ['traceId', 'id'].filter(name => !Object.hasOwn(span, name))
  return [...wrong.map(([name]) => name), ...missing]
}
