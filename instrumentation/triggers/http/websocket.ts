// API Gateway WebSocket APIs. Only $connect comes with headers; a message may carry a context in its JSON body.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html

import {
  ATTR_AWS_REQUEST_ID,
  ATTR_CLIENT_ADDRESS,
  ATTR_FAAS_TRIGGER,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_USER_AGENT_ORIGINAL,
} from '../../semconv.ts'
import { SPAN_KIND_SERVER } from '../../trace/span-kind.ts'
import { fieldsOf, MAX_TEXT_LENGTH, nameOf, textOf } from '../fields.ts'
import { CARRIER_MARKS, mayHold, newBudget, parseObject } from '../json.ts'
import { authorizerCarriers, fieldCarriers } from '../messages/message-attributes.ts'
import type { Trigger, TriggerSource } from '../trigger.ts'
import { gatewayHop } from './gateway-hop.ts'
import { describeHttpResult } from './http-result.ts'
import { requestHeaders } from './request-headers.ts'

/** Ours: joins the messages of one connection. No convention has a name for it. */
const ATTR_CONNECTION_ID = 'baton.websocket.connection_id'

const EVENTS: readonly unknown[] = ['CONNECT', 'MESSAGE', 'DISCONNECT']

export const webSocket: TriggerSource = {
  name: 'api-gateway-websocket',
  detect: event => typeof fieldsOf(event.requestContext).messageDirection === 'string',
  describe: (event, { isSmall }) => {
    const context = fieldsOf(event.requestContext)
    const identity = fieldsOf(context.identity)
    const { read, carriers } = requestHeaders(event, 'websocket', isSmall)
    const budget = newBudget()
    const mayCarry = mayHold(event.body, CARRIER_MARKS, budget)
    const body = mayCarry ? parseObject(event.body, budget) : undefined
    const authorizer = authorizerCarriers('websocket.authorizer', context.authorizer)
    const kind = EVENTS.includes(context.eventType) ? `${context.eventType}` : 'MESSAGE'
    const route = nameOf(context.routeKey)
    const trigger: Trigger = {
      source: webSocket.name,
      faasTrigger: 'http',
      spanName: route === undefined ? kind : `${kind} ${route}`,
      spanKind: SPAN_KIND_SERVER,
      attributes: {
        [ATTR_FAAS_TRIGGER]: 'http',
        [ATTR_NETWORK_PROTOCOL_NAME]: 'websocket',
        [ATTR_CONNECTION_ID]: nameOf(context.connectionId),
        [ATTR_AWS_REQUEST_ID]: nameOf(context.requestId),
        [ATTR_CLIENT_ADDRESS]: nameOf(identity.sourceIp),
        [ATTR_USER_AGENT_ORIGINAL]: textOf(
          identity.userAgent ?? read('user-agent'),
          MAX_TEXT_LENGTH,
        ),
        [ATTR_SERVER_ADDRESS]: nameOf(context.domainName),
      },
      carriers: [
        ...carriers,
        ...(body === undefined ? [] : fieldCarriers('websocket.body', body)),
        ...authorizer,
      ],
      describeResult: describeHttpResult,
    }
    return { ...trigger, hops: () => [gatewayHop(trigger, context, context.requestTimeEpoch)] }
  },
}
