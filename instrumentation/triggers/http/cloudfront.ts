// CloudFront (Lambda@Edge). Header names are keys in lower case, each with a list of the names and values that came.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html

import { mapCarriers, readText } from '../../propagation/carrier.ts'
import { fieldsOf, listOf } from '../fields.ts'
import type { TriggerSource } from '../trigger.ts'
import { describeHttp } from './http.ts'
import { describeEdgeResult } from './http-result.ts'

/** Of a header that came twice a broken value must not hide a valid one. */
const TURNS = [0, 1]

const firstValueOf = (values: unknown): unknown => fieldsOf(listOf(values)[0]).value

export const cloudFront: TriggerSource = {
  name: 'cloudfront',
  detect: event => {
    const { cf } = fieldsOf(listOf(event.Records)[0])
    return typeof cf === 'object' && cf !== null
  },
  describe: event => {
    const { config, request } = fieldsOf(fieldsOf(listOf(event.Records)[0]).cf)
    const { headers, method, uri, clientIp } = fieldsOf(request)
    const fields = fieldsOf(headers)
    return describeHttp({
      source: cloudFront.name,
      method,
      path: uri,
      scheme: 'https',
      clientAddress: clientIp,
      userAgent: firstValueOf(fields['user-agent']),
      serverAddress: firstValueOf(fields.host) ?? fieldsOf(config).distributionDomainName,
      carriers: TURNS.flatMap(at =>
        mapCarriers('cloudfront.headers', headers, (values, name) =>
          readText(fieldsOf(listOf(values)[at]).value, name),
        ),
      ),
      describeResult: describeEdgeResult,
    })
  },
}
