// AppSync: a resolver, alone or many calls of it at once, and the handlers of AppSync Events.
// https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html

import { headerCarriers } from '../../propagation/carrier.ts'
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_FAAS_TRIGGER,
  ATTR_GRAPHQL_OPERATION_TYPE,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_SERVER_ADDRESS,
  ATTR_USER_AGENT_ORIGINAL,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { SPAN_KIND_SERVER } from '../../trace/span-kind.ts'
import { messagingOf } from '../batch.ts'
import { type EventFields, fieldsOf, listOf, MAX_TEXT_LENGTH, nameOf, textOf } from '../fields.ts'
import {
  type FaasTrigger,
  type Given,
  NOTHING_KNOWN,
  type Trigger,
  type TriggerSource,
} from '../trigger.ts'
import { clientOf } from './alb.ts'

/** The types of a schema that name an operation; the fields of others are resolved under one. */
const OPERATIONS: Readonly<Record<string, string>> = {
  Query: 'query',
  Mutation: 'mutation',
  Subscription: 'subscription',
}

const isResolver = (event: unknown): boolean => {
  const { parentTypeName, fieldName } = fieldsOf(fieldsOf(event).info)
  return typeof parentTypeName === 'string' && typeof fieldName === 'string'
}

export const appSync: TriggerSource = {
  name: 'appsync',
  detect: isResolver,
  describe: (event, given) => describeResolver(appSync.name, event, given),
}

/** With batching every call of the field comes in one list; all of one request. */
export const appSyncBatch: TriggerSource = {
  name: 'appsync-batch',
  detect: event => Array.isArray(event) && isResolver(event[0]),
  describe: (event, given) => {
    const calls = listOf(event)
    const trigger = describeResolver(appSyncBatch.name, fieldsOf(calls[0]), given)
    const attributes = { ...trigger.attributes, [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: calls.length }
    return { ...trigger, attributes }
  },
}

function describeResolver(source: string, event: EventFields, given: Given): Trigger {
  const { parentTypeName, fieldName } = fieldsOf(event.info)
  const parent = nameOf(parentTypeName) ?? ''
  const type = Object.hasOwn(OPERATIONS, parent) ? OPERATIONS[parent] : undefined
  return describe(event, given, {
    source,
    faasTrigger: 'http',
    spanName: `${parent}.${nameOf(fieldName) ?? ''}`,
    attributes: { [ATTR_GRAPHQL_OPERATION_TYPE]: type },
  })
}

export const appSyncEvents: TriggerSource = {
  name: 'appsync-events',
  detect: event => {
    const { channel, channelNamespace } = fieldsOf(event.info)
    return typeof channel === 'object' && channel !== null && channelNamespace !== undefined
  },
  describe: (event, given) => {
    const { channelNamespace, operation } = fieldsOf(event.info)
    const namespace = nameOf(fieldsOf(channelNamespace).name)
    const kind = operation === 'SUBSCRIBE' ? 'SUBSCRIBE' : 'PUBLISH'
    return describe(event, given, {
      source: appSyncEvents.name,
      faasTrigger: 'pubsub',
      spanName: namespace === undefined ? kind : `${kind} ${namespace}`,
      attributes: messagingOf('aws.appsync', namespace),
    })
  },
}

interface Names {
  readonly source: string
  readonly faasTrigger: FaasTrigger
  readonly spanName: string
  readonly attributes: Attributes
}

function describe(event: EventFields, { isSmall }: Given, names: Names): Trigger {
  const { headers, domainName } = fieldsOf(event.request)
  const carriers = headerCarriers('appsync.headers', headers, isSmall)
  const read = carriers[0]?.carrier ?? (() => undefined)
  return {
    source: names.source,
    faasTrigger: names.faasTrigger,
    spanName: names.spanName,
    spanKind: SPAN_KIND_SERVER,
    attributes: {
      [ATTR_FAAS_TRIGGER]: names.faasTrigger,
      ...names.attributes,
      [ATTR_SERVER_ADDRESS]: nameOf(domainName) ?? nameOf(read('host')),
      [ATTR_CLIENT_ADDRESS]: clientOf(read('x-forwarded-for')),
      [ATTR_USER_AGENT_ORIGINAL]: textOf(read('user-agent'), MAX_TEXT_LENGTH),
    },
    carriers,
    describeResult: () => NOTHING_KNOWN,
  }
}
