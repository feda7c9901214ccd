// An AWS call as its request shows it: for code in bundles, whose SDK no hook sees, and for other signers of requests. Service,
// operation and region stand in headers and path; the body is not read, nor is any header touched.
//
//   x-amz-target: DynamoDB_20120810.GetItem                                   JSON protocols
//   /service/Monitoring/operation/PutMetricData                               CBOR
//   authorization: AWS4-HMAC-SHA256 Credential=AKID/20261125/us-east-1/dynamodb/aws4_request, SignedHeaders=…
//   user-agent: aws-sdk-js/3.1169.0 … api/dynamodb#3.1169.0 …                 which client it is
//
// Of the query protocol (SNS, STS, older SQS) the operation stands in the body: such a call is named by its service.
import { ATTR_ERROR_TYPE } from '../../semconv.ts'
import type { HttpTarget, KnownRequest, RequestHeaders, SetAttribute } from '../http-span.ts'
import { callName, describeCall, describeRequestIds } from './attributes.ts'
import { type AwsCall, type AwsService, kindOf, type WireCall } from './service.ts'
import { findService, serviceIdOf } from './services.ts'
import { toWireRequest, type WireRequest } from './wire-request.ts'

/** What the request is; `undefined` for one that is none of AWS's after all. */
export function readAwsRequest(
  target: HttpTarget,
  headers: RequestHeaders,
): KnownRequest | undefined {
  const request = toWireRequest(target, headers)
  const scope = readScope(request.header('authorization'))
  const name = clientName(request.header('user-agent')) ?? scope?.service
  if (name === undefined) return undefined
  const id = serviceIdOf(name)
  const service = findService(id)
  const { operation, input } = readCall(request, service)
  const call: AwsCall = { operation, region: scope?.region, input }
  return {
    name: callName(id, operation),
    kind: kindOf(service, operation),
    describe: set => describeCall(service, call, set),
    describeAnswer: (header, set) => describeAnswer(service, call, header, set),
  }
}

function readCall(request: WireRequest, service: AwsService | undefined): WireCall {
  const target = request.header('x-amz-target')
  if (target !== undefined)
    return { operation: target.slice(target.lastIndexOf('.') + 1), input: {} }
  const [, kind, , marker, operation] = request.path.split('/')
  if (kind === 'service' && marker === 'operation') return { operation, input: {} }
  return service?.readRequest?.(request) ?? { operation: undefined, input: {} }
}

function describeAnswer(
  service: AwsService | undefined,
  call: AwsCall,
  header: (name: string) => string | undefined,
  set: SetAttribute,
): void {
  const requestId =
    header('x-amzn-requestid') ?? header('x-amz-request-id') ?? header('x-amzn-request-id')
  describeRequestIds(requestId, header('x-amz-id-2'), set)
  const output = service?.readAnswer?.(header)
  if (output !== undefined) service?.describeAnswer?.(call, output, set)
  // `ResourceNotFoundException:http://internal.amazon.com/…`
  set(ATTR_ERROR_TYPE, header('x-amzn-errortype')?.split(':', 1)[0])
}

interface Scope {
  readonly region: string | undefined
  readonly service: string
}

function readScope(authorization: string | undefined): Scope | undefined {
  const start = authorization?.indexOf('Credential=') ?? -1
  if (authorization === undefined || start === -1) return undefined
  const end = authorization.indexOf(',', start)
  const parts = authorization
    .slice(start + 11, end === -1 ? undefined : end)
    .trim()
    .split('/')
  // Asymmetric signatures are for several regions and name none: AKID/20261125/s3/aws4_request
  const service = parts.at(-2)
  const region = parts.length === 5 ? parts[2] : undefined
  return parts.length < 4 || service === undefined ? undefined : { region, service }
}

/** `api/secrets-manager#3.1164.0` -> `secrets-manager` */
function clientName(userAgent: string | undefined): string | undefined {
  const start = userAgent?.indexOf(' api/') ?? -1
  if (userAgent === undefined || start === -1) return undefined
  const end = userAgent.indexOf('#', start)
  return end === -1 ? undefined : userAgent.slice(start + 5, end).replaceAll('_', '-')
}
