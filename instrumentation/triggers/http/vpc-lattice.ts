// VPC Lattice, whose events have two versions: the second names the service network and has lists as header values.
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html

import { fieldsOf } from '../fields.ts'
import { numberOf } from '../hop.ts'
import type { TriggerSource } from '../trigger.ts'
import { clientOf, hostOf } from './alb.ts'
import { latticeHop } from './gateway-hop.ts'
import { describeHttp } from './http.ts'
import { describeHttpResult } from './http-result.ts'
import { requestHeaders } from './request-headers.ts'

export const vpcLattice: TriggerSource = {
  name: 'vpc-lattice',
  detect: event =>
    typeof event.raw_path === 'string' ||
    typeof fieldsOf(event.requestContext).serviceNetworkArn === 'string',
  describe: (event, { isSmall }) => {
    const context = fieldsOf(event.requestContext)
    const { read, carriers } = requestHeaders(event, 'vpc-lattice', isSmall)
    const trigger = describeHttp({
      source: vpcLattice.name,
      method: event.method,
      path: event.raw_path ?? event.path,
      scheme: read('x-forwarded-proto'),
      clientAddress: clientOf(read('x-forwarded-for')),
      userAgent: read('user-agent'),
      serverAddress: hostOf(read('host')),
      carriers,
      describeResult: describeHttpResult,
    })
    // Microseconds, of all services only here.
    const startMs = (numberOf(context.timeEpoch) ?? Number.NaN) / 1000
    return { ...trigger, hops: () => [latticeHop(trigger, context, startMs)] }
  },
}
