// The table of event sources. First match wins, so the order is part of it: a source whose test is weaker stands
// below those it would also accept. An event is tested only against the rows that its outermost fields allow, so that
// an unknown one costs a few microseconds.

import { givenOf, REQUESTS } from './detect-request.ts'
import { type EventFields, fieldsOf, listOf } from './fields.ts'
import { apiGatewayHttp } from './http/api-gateway.ts'
import { appSync, appSyncBatch, appSyncEvents } from './http/appsync.ts'
import { authorizer } from './http/authorizer.ts'
import { cloudFront } from './http/cloudfront.ts'
import { vpcLattice } from './http/vpc-lattice.ts'
import { eventBridge, schedule } from './messages/event-bridge.ts'
import { iot } from './messages/iot.ts'
import { msk, selfManagedKafka } from './messages/kafka.ts'
import { activeMq, rabbitMq } from './messages/mq.ts'
import { pipes } from './messages/pipes.ts'
import { ses } from './messages/ses.ts'
import { sns } from './messages/sns.ts'
import { sqs } from './messages/sqs.ts'
import { other } from './other.ts'
import { cloudWatchLogs } from './services/cloudwatch-logs.ts'
import { codeCommit } from './services/codecommit.ts'
import { cognito, connect, lex } from './services/conversations.ts'
import {
  cloudFormation,
  cloudWatchAlarm,
  codePipeline,
  config,
  secretRotation,
  transfer,
  transferIdentity,
} from './services/operations.ts'
import { s3 } from './storage/s3.ts'
import { s3Batch } from './storage/s3-batch.ts'
import { s3ObjectLambda } from './storage/s3-object-lambda.ts'
import { documentDb } from './streams/documentdb.ts'
import { dynamoDb } from './streams/dynamodb.ts'
import { firehose } from './streams/firehose.ts'
import { kinesis } from './streams/kinesis.ts'
import type { Given, Trigger, TriggerSource } from './trigger.ts'
import { destination } from './workflows/destination.ts'
import { durableExecution } from './workflows/durable-execution.ts'
import { stepFunctions } from './workflows/step-functions.ts'

/** The event is a list. */
const LISTS: readonly TriggerSource[] = [pipes, appSyncBatch]

/** The event has a list of `Records`; the first of them tells. */
const RECORDS: readonly TriggerSource[] = [
  sqs,
  sns,
  s3,
  dynamoDb,
  kinesis,
  ses,
  cloudFront,
  codeCommit,
]

/** The event has a `requestContext`. */
const WITH_CONTEXT: readonly TriggerSource[] = [destination, ...REQUESTS]

/** Any other object. */
const REST: readonly TriggerSource[] = [
  durableExecution,
  schedule,
  eventBridge,
  authorizer,
  vpcLattice,
  apiGatewayHttp,
  msk,
  selfManagedKafka,
  activeMq,
  rabbitMq,
  documentDb,
  firehose,
  cloudWatchLogs,
  appSync,
  appSyncEvents,
  stepFunctions,
  cognito,
  s3ObjectLambda,
  s3Batch,
  cloudWatchAlarm,
  config,
  codePipeline,
  cloudFormation,
  lex,
  connect,
  transfer,
  transferIdentity,
  secretRotation,
  iot,
]

/** Every row, in the order of the documents. */
export const listSources = (): readonly TriggerSource[] => [
  ...new Set([...WITH_CONTEXT, ...RECORDS, ...LISTS, ...REST, other]),
]

/**
 * What caused the invocation. Never throws, and looks at no more of the event than the fields it names: the size
 * and depth of the rest cost nothing. Where the event's length is known and large, no object in it is gone over:
 * header names are found in the spellings that clients use and in no other, and other names where they stand in the
 * text's first part.
 */
export function detectTrigger(
  event: unknown,
  functionName: string,
  eventBytes: number = 0,
  eventHead?: string,
): Trigger {
  const given = givenOf(functionName, eventBytes, eventHead)
  return detect(event, { ...given, detectInner: inner => detect(inner, given) })
}

function detect(event: unknown, given: Given): Trigger {
  const fields = fieldsOf(event)
  try {
    const source = candidatesOf(fields).find(candidate => candidate.detect(fields))
    if (source !== undefined) return source.describe(fields, given)
  } catch {
    // Parsed JSON cannot throw when it is read; an event that a wrapper or a test made of getters can.
  }
  return other.describe(fields, given)
}

function candidatesOf(fields: EventFields): readonly TriggerSource[] {
  if (Array.isArray(fields)) return LISTS
  if (listOf(fields.Records).length > 0) return RECORDS
  const { requestContext } = fields
  return typeof requestContext === 'object' && requestContext !== null ? WITH_CONTEXT : REST
}
