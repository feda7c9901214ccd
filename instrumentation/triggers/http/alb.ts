// Application Load Balancers. A target group sends `headers` or, with multi-value headers switched on,
// `multiValueHeaders`; but for method and path, everything about the request stands in them.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html

import { fieldsOf } from '../fields.ts'
import type { TriggerSource } from '../trigger.ts'
import { balancerHop } from './gateway-hop.ts'
import { describeHttp } from './http.ts'
import { describeHttpResult } from './http-result.ts'
import { requestHeaders } from './request-headers.ts'

export const alb: TriggerSource = {
  name: 'alb',
  detect: event => {
    const elb = fieldsOf(event.requestContext).elb
    return typeof elb === 'object' && elb !== null
  },
  describe: (event, { isSmall }) => {
    const { read, carriers } = requestHeaders(event, 'alb', isSmall)
    const trigger = describeHttp({
      source: alb.name,
      method: event.httpMethod,
      path: event.path,
      scheme: read('x-forwarded-proto'),
      clientAddress: clientOf(read('x-forwarded-for')),
      userAgent: read('user-agent'),
      serverAddress: hostOf(read('host')),
      carriers,
      describeResult: describeHttpResult,
    })
    const context = fieldsOf(event.requestContext)
    return {
      ...trigger,
      hops: () => [balancerHop(trigger, context, arrivalOf(read('x-amzn-trace-id')))],
    }
  },
}

/** The balancer makes a `Root` or, beside one that a client sent, a `Self`. */
const MADE_IDS = [/(?:^|;)Self=1-([0-9a-f]{8})-/, /(?:^|;)Root=1-([0-9a-f]{8})-/]

/**
 * Its ids begin with the second in which the request came, and nothing else in the event tells a time. The last moment of that second
 * is taken: the request waited at least so long.
 *
 *     X-Amzn-Trace-Id: Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678
 */
function arrivalOf(traceHeader = ''): number | undefined {
  const seconds = MADE_IDS.map(id => id.exec(traceHeader)?.[1]).find(each => each !== undefined)
  return seconds === undefined ? undefined : Number.parseInt(seconds, 16) * 1000 + 999
}

const ADDRESS = /^[0-9a-f.:]+$/i
const IPV4_WITH_PORT = /^([0-9.]+):[0-9]+$/
const HOST_WITH_PORT = /^(.+?):[0-9]+$/

/**
 * The first hop, as the conventions want it: the client behind any proxies. The balancer passes on whatever list the
 * client sent, so what is no address is left out; with `client port preservation` the address has a port.
 */
export function clientOf(forwardedFor: string | undefined): string | undefined {
  if (forwardedFor === undefined) return undefined
  const end = forwardedFor.indexOf(',')
  const hop = (end === -1 ? forwardedFor : forwardedFor.slice(0, end)).trim()
  if (!ADDRESS.test(hop)) return undefined
  return IPV4_WITH_PORT.exec(hop)?.[1] ?? hop
}

/** `Host` without its port. */
export const hostOf = (host: string | undefined): string | undefined =>
  host === undefined ? undefined : (HOST_WITH_PORT.exec(host)?.[1] ?? host)
