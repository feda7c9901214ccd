// What every AWS call says of itself, seen by the hook or on the wire alike.
// https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/
import {
  ATTR_AWS_EXTENDED_REQUEST_ID,
  ATTR_AWS_REQUEST_ID,
  ATTR_CLOUD_REGION,
  ATTR_RPC_METHOD,
  ATTR_RPC_SYSTEM_NAME,
} from '../../semconv.ts'
import type { SetAttribute } from '../http-span.ts'
import type { AwsCall, AwsService } from './service.ts'

/** `DynamoDB.GetItem`; only the service where the operation is not known. */
export const callName = (service: string, operation: string | undefined): string =>
  operation === undefined ? service : `${service}.${operation}`

export function describeCall(
  service: AwsService | undefined,
  call: AwsCall,
  set: SetAttribute,
): void {
  set(ATTR_RPC_SYSTEM_NAME, 'aws-api')
  set(ATTR_RPC_METHOD, call.operation)
  set(ATTR_CLOUD_REGION, call.region)
  service?.describe?.(call, set)
}

export function describeRequestIds(
  requestId: string | undefined,
  extendedId: string | undefined,
  set: SetAttribute,
): void {
  set(ATTR_AWS_REQUEST_ID, requestId)
  set(ATTR_AWS_EXTENDED_REQUEST_ID, extendedId)
}
