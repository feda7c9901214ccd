// The route of an invocation by HTTP: that of the service in front where it names one, else the one that a web framework
// in the function matched.
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_ROUTE } from './semconv.ts'
import type { Span } from './trace/span.ts'
import type { ActiveContext } from './trace/tracer.ts'
import { MAX_NAME_LENGTH } from './triggers/fields.ts'
import type { Trigger } from './triggers/trigger.ts'

export interface ServedInvocation {
  readonly span: Span
  readonly trigger: Trigger
  readonly context: ActiveContext
}

/** `/{proxy+}`, `/api/{proxy+}`: API Gateway leaves the rest of the path to the function. */
const GREEDY = /\{[^}]*\+\}$/

/** Names the span by the framework's route. What the function's code said of its span stands. */
export function setServedRoute({ span, trigger, context }: ServedInvocation): void {
  const route = context.served?.route?.slice(0, MAX_NAME_LENGTH)
  const { attributes, spanName } = trigger
  if (route === undefined || attributes[ATTR_HTTP_REQUEST_METHOD] === undefined) return
  const given = attributes[ATTR_HTTP_ROUTE]
  if (typeof given === 'string' && !GREEDY.test(given)) return
  const at = span.attributes.indexOf(ATTR_HTTP_ROUTE)
  if (at !== -1 && span.attributes[at + 1] !== given) return
  span.setAttribute(ATTR_HTTP_ROUTE, route)
  if (span.name !== spanName) return
  const verb = typeof given === 'string' ? spanName.slice(0, -given.length - 1) : spanName
  span.rename(`${verb} ${route}`)
}
