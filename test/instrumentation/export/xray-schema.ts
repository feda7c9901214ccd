// X-Ray's segment documents as AWS publishes them (xray-segmentdocument-schema-v1.0.0 and the developer guide): types,
// lengths and characters, written down from those facts.

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, Check>>

const isBoolean: Check = value => typeof value === 'boolean'
const isNumber: Check = value => typeof value === 'number' && Number.isFinite(value)
const isInteger: Check = value => Number.isInteger(value)
const isText =
  (max = Number.POSITIVE_INFINITY): Check =>
  value =>
    typeof value === 'string' && value.length <= max
const matches =
  (pattern: RegExp): Check =>
  value =>
    typeof value === 'string' && pattern.test(value)
const isListOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check)
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object of these fields and no others. */
const isObject =
  (fields: Fields, required: readonly string[] = []): Check =>
  value =>
    isRecord(value) &&
    required.every(name => Object.hasOwn(value, name)) &&
    Object.entries(value).every(
      ([name, each]) => Object.hasOwn(fields, name) && fields[name]?.(each) === true,
    )

const isRecordOf =
  (isKey: Check, isValue: Check): Check =>
  value =>
    isRecord(value) && Object.entries(value).every(([key, each]) => isKey(key) && isValue(each))

const ID = matches(/^[0-9a-f]{16}$/)

const isException = isObject(
  {
    id: ID,
    message: isText(),
    type: isText(),
    remote: isBoolean,
    truncated: isInteger,
    skipped: isInteger,
    cause: isText(),
    stack: isListOf(isObject({ path: isText(), line: isInteger, label: isText() })),
  },
  ['id'],
)

const isHttp = isObject({
  request: isObject({
    url: isText(250),
    method: isText(250),
    user_agent: isText(250),
    client_ip: isText(250),
  }),
  response: isObject({ status: isNumber, content_length: isNumber }),
})

const COMMON: Fields = {
  // The pattern lists the letters, numbers and blanks of Unicode's first plane, and these signs.
  name: value =>
    matches(/^[\p{L}\p{N}\p{Z}_.:/%&#=+\\\-@]{1,200}$/u)(value) &&
    !/[\u{10000}-\u{10ffff}]/u.test(String(value)),
  id: ID,
  trace_id: matches(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/),
  start_time: isNumber,
  end_time: isNumber,
  parent_id: ID,
  error: isBoolean,
  fault: isBoolean,
  throttle: isBoolean,
  cause: isObject({ exceptions: isListOf(isException) }),
  http: isHttp,
  annotations: value =>
    isRecordOf(
      matches(/^[a-zA-Z0-9_]{1,500}$/),
      each => isText(1000)(each) || isNumber(each) || isBoolean(each),
    )(value) && Object.keys(value as object).length <= 50,
  metadata: isRecordOf(isText(), isRecord),
}

const SEGMENT: Fields = {
  ...COMMON,
  origin: value => value === 'AWS::Lambda::Function',
  resource_arn: isText(),
}

const SUBSEGMENT: Fields = {
  ...COMMON,
  type: value => value === 'subsegment',
  namespace: value => value === 'aws' || value === 'remote',
  aws: isObject({
    operation: isText(),
    account_id: isText(),
    region: isText(),
    request_id: isText(),
    queue_url: isText(),
    table_name: isText(),
  }),
  sql: isObject({ url: isText(), database_type: isText(), sanitized_query: isText() }),
}

const REQUIRED = ['name', 'id', 'trace_id', 'start_time', 'end_time']

/** Names of the fields that are not as they should be. */
export function findXRayFlaws(document: Readonly<Record<string, unknown>>): readonly string[] {
  const isSubsegment = Object.hasOwn(document, 'type')
  const fields = isSubsegment ? SUBSEGMENT : SEGMENT
  const wrong = Object.entries(document)
    .filter(([name, value]) => !Object.hasOwn(fields, name) || fields[name]?.(value) !== true)
    .map(([name]) => name)
  const required = isSubsegment ? [...REQUIRED, 'parent_id'] : REQUIRED
  const missing = required.filter(name => !Object.hasOwn(document, name))
  const isBackward = Number(document.end_time) < Number(document.start_time)
  return [...wrong, ...missing, ...(isBackward ? ['end_time'] : [])]
}
