// The table of event sources. First match wins, so the order is part of it: a source whose test is weaker stands
// below those it would also accept.

import { alb } from './alb.ts'
import { apiGatewayHttp, apiGatewayRest } from './api-gateway.ts'
import { fieldsOf } from './fields.ts'
import { functionUrl } from './function-url.ts'
import { other } from './other.ts'
import type { Trigger, TriggerSource } from './trigger.ts'

const SOURCES: readonly TriggerSource[] = [apiGatewayRest, apiGatewayHttp, functionUrl, alb]

/**
 * What caused the invocation. Never throws, and looks at no more of the event than the fields it names: the size
 * and depth of the rest cost nothing.
 */
export function detectTrigger(event: unknown, functionName: string): Trigger {
  const fields = fieldsOf(event)
  try {
    const source = SOURCES.find(candidate => candidate.detect(fields))
    if (source !== undefined) return source.describe(fields, functionName)
  } catch {
    // Parsed JSON cannot throw when it is read; an event that a wrapper or a test made of getters can.
  }
  return other.describe(fields, functionName)
}
