// The sources that functions most often stand behind, by themselves: HTTP and WebSocket APIs, load balancers, function URLs.
// A cold start reads these; what knows all the others is read when an event is none of them.
import { fieldsOf, listOf } from './fields.ts'
import { alb } from './http/alb.ts'
import { apiGatewayHttp, apiGatewayRest } from './http/api-gateway.ts'
import { authorizer } from './http/authorizer.ts'
import { functionUrl } from './http/function-url.ts'
import { vpcLattice } from './http/vpc-lattice.ts'
import { webSocket } from './http/websocket.ts'
import { other } from './other.ts'
import type { Given, Trigger, TriggerSource } from './trigger.ts'

/** Going over all names of an object in an event so large takes 0.5 ms at most. */
const MAX_SMALL_BYTES = 32 * 1024

/** Sources whose events have a `requestContext`. Authorizers' events are those of APIs and more. */
export const REQUESTS: readonly TriggerSource[] = [
  authorizer,
  apiGatewayRest,
  webSocket,
  vpcLattice,
  apiGatewayHttp,
  functionUrl,
  alb,
]

/** `undefined` for what `detectTrigger` has to look at. Never throws, and costs no more than it. */
export function detectRequest(
  event: unknown,
  functionName: string,
  eventBytes: number,
): Trigger | undefined {
  const fields = fieldsOf(event)
  const given = givenOf(functionName, eventBytes, undefined)
  try {
    const { requestContext, requestPayload, Records } = fields
    const isRequest =
      typeof requestContext === 'object' &&
      requestContext !== null &&
      requestPayload === undefined &&
      listOf(Records).length === 0 &&
      !Array.isArray(fields)
    if (!isRequest) return undefined
    return REQUESTS.find(candidate => candidate.detect(fields))?.describe(fields, given)
  } catch {
    // Parsed JSON cannot throw when it is read; an event that a wrapper or a test made of getters can.
    return undefined
  }
}

/** What is known beside the event's fields. An event within it is one of any other source. */
export function givenOf(functionName: string, eventBytes: number, head: string | undefined): Given {
  const given: Given = {
    functionName,
    isSmall: eventBytes <= MAX_SMALL_BYTES,
    head,
    detectInner: inner => other.describe(fieldsOf(inner), given),
  }
  return given
}
