// The status code in a handler's result, as the service in front reads it.

import { ATTR_ERROR_TYPE, ATTR_HTTP_RESPONSE_STATUS_CODE } from '../../semconv.ts'
import { fieldsOf } from '../fields.ts'
import { NOTHING_KNOWN, type ResultDescription } from '../trigger.ts'

const DECIMAL_STATUS = /^[1-5][0-9]{2}$/

/** For REST APIs and load balancers: the result must say its status; one that does not says nothing here. */
export const describeHttpResult = (result: unknown): ResultDescription =>
  describeStatus(result, undefined)

/** For HTTP APIs (payload 2.0) and function URLs: a result that names no status is a 200 with that result as body. */
export const describeInferredHttpResult = (result: unknown): ResultDescription =>
  describeStatus(result, 200)

/** For CloudFront, which calls it by another name; a request that is passed on has none. */
export const describeEdgeResult = (result: unknown): ResultDescription =>
  describeStatus(result, undefined, 'status')

function describeStatus(
  result: unknown,
  inferred: number | undefined,
  field: 'statusCode' | 'status' = 'statusCode',
): ResultDescription {
  let statusCode: number | undefined
  try {
    const given = fieldsOf(result)[field]
    statusCode = given === undefined ? inferred : statusCodeOf(given)
  } catch {
    // The result is the user's own object; a getter of theirs may throw.
  }
  if (statusCode === undefined) return NOTHING_KNOWN
  const isError = statusCode >= 500
  return {
    attributes: {
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: statusCode,
      [ATTR_ERROR_TYPE]: isError ? String(statusCode) : undefined,
    },
    isError,
  }
}

/** A status that HTTP knows, from a number or its decimal text; anything else the service in front refuses. */
function statusCodeOf(given: unknown): number | undefined {
  const code = typeof given === 'string' && DECIMAL_STATUS.test(given) ? Number(given) : given
  return typeof code === 'number' && Number.isInteger(code) && code >= 100 && code <= 599
    ? code
    : undefined
}
