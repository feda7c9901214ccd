// EventBridge and its Scheduler. X-Ray's context reaches the target by the request's header; W3C's would have to stand in `detail`,
// which is the user's, so it goes in only on request (`BATON_INJECT=payloads`).
import { ATTR_POINTER, messagePointer } from '../../propagation/pointer.ts'
import {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
} from '../../semconv.ts'
import { childOf, type Fields, fieldsOf, lastPart, listOf, onlyOne, textOf } from '../fields.ts'
import { bytesOf, MAX_MESSAGE_BYTES, withMembers } from './message-carrier.ts'
import type { AwsService } from './service.ts'
import { findRoute, type Route } from './wire-request.ts'

export const eventbridge: AwsService = {
  id: 'EventBridge',
  sends: ['PutEvents'],

  describe({ operation, input }, set) {
    const entries = listOf(input, 'Entries')
    const buses = (entries ?? []).map(each => textOf(fieldsOf(each), 'EventBusName') ?? 'default')
    set(ATTR_MESSAGING_SYSTEM, 'aws.eventbridge')
    set(ATTR_MESSAGING_DESTINATION_NAME, lastPart(onlyOne(buses)))
    set(ATTR_MESSAGING_OPERATION_NAME, operation)
    set(ATTR_MESSAGING_OPERATION_TYPE, operation === 'PutEvents' ? 'send' : undefined)
    set(ATTR_MESSAGING_BATCH_MESSAGE_COUNT, entries?.length)
  },

  describeAnswer(_call, output, set) {
    const ids = (listOf(output, 'Entries') ?? [])
      .map(each => textOf(fieldsOf(each), 'EventId'))
      .filter(id => id !== undefined)
    if (ids.length > 0) set(ATTR_POINTER, ids.map(messagePointer))
  },

  inject({ operation, input }, carrier) {
    if (carrier.injection !== 'payloads' || operation !== 'PutEvents') return undefined
    const entries = (listOf(input, 'Entries') ?? []).map(fieldsOf)
    // The limit is for all entries of a call.
    let room = MAX_MESSAGE_BYTES - entries.reduce((sum, each) => sum + entryBytes(each), 0)
    const injected = entries.map(entry => {
      const detail = textOf(entry, 'Detail')
      if (detail === undefined) return entry
      const size = bytesOf(detail)
      const changed = withMembers(detail, carrier, size + room)
      if (changed === undefined) return entry
      room -= bytesOf(changed) - size
      return { ...entry, Detail: changed }
    })
    if (injected.every((entry, at) => entry === entries[at])) return undefined
    return { ...input, Entries: injected }
  },
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html: 14 bytes for a time, and the texts. */
function entryBytes(entry: Fields): number {
  const resources = listOf(entry, 'Resources') ?? []
  return (
    (entry.Time === undefined ? 0 : 14) +
    bytesOf(entry.Source) +
    bytesOf(entry.DetailType) +
    bytesOf(entry.Detail) +
    resources.reduce<number>((sum, each) => sum + bytesOf(each), 0)
  )
}

const SCHEDULER_ROUTES: readonly Route[] = [
  { method: 'POST', path: 'schedules/*', operation: 'CreateSchedule' },
  { method: 'PUT', path: 'schedules/*', operation: 'UpdateSchedule' },
  { method: 'GET', path: 'schedules/*', operation: 'GetSchedule' },
  { method: 'DELETE', path: 'schedules/*', operation: 'DeleteSchedule' },
  { method: 'GET', path: 'schedules', operation: 'ListSchedules' },
]

export const scheduler: AwsService = {
  id: 'Scheduler',

  inject({ operation, input }, carrier) {
    if (carrier.injection !== 'payloads' || operation !== 'CreateSchedule') return undefined
    // What recurs is not caused by the invocation that set it up.
    if (textOf(input, 'ScheduleExpression')?.startsWith('at(') !== true) return undefined
    const target = childOf(input, 'Target')
    const text = withMembers(textOf(target, 'Input') ?? '', carrier, MAX_MESSAGE_BYTES)
    return text === undefined ? undefined : { ...input, Target: { ...target, Input: text } }
  },

  readRequest: request => ({
    operation: findRoute(SCHEDULER_ROUTES, request)?.operation,
    input: {},
  }),
}
