// HTTP services in front of the function that say when a request came to them. They wait for the answer, so that
// their span ends with the invocation's.

import { ATTR_AWS_REQUEST_ID } from '../../semconv.ts'
import { SPAN_KIND_SERVER } from '../../trace/span-kind.ts'
import { type EventFields, nameOf } from '../fields.ts'
import { type Hop, numberOf } from '../hop.ts'
import type { Trigger } from '../trigger.ts'

const hopOf =
  (service: string) =>
  (trigger: Trigger, context: EventFields, startMs: unknown): Hop => ({
    service,
    name: trigger.spanName,
    kind: SPAN_KIND_SERVER,
    startMs: numberOf(startMs),
    endMs: 'invocation',
    attributes: { ...trigger.attributes, [ATTR_AWS_REQUEST_ID]: nameOf(context.requestId) },
  })

export const gatewayHop: ReturnType<typeof hopOf> = hopOf('aws.apigateway')
export const urlHop: ReturnType<typeof hopOf> = hopOf('aws.lambda.url')
export const balancerHop: ReturnType<typeof hopOf> = hopOf('aws.elb')
export const latticeHop: ReturnType<typeof hopOf> = hopOf('aws.vpc-lattice')
