// Putting the context of a call into what it sends: into the message where its service has a place for it, and into headers before
// they are signed, where the SDK does not do so itself.

import type { Fields } from '../fields.ts'
import type { AwsTools, OpenCall } from './call.ts'
import type { MessageCarrier } from './message-carrier.ts'

const XRAY = 'x-amzn-trace-id'

/** True where there is a service behind which somebody may read the context. */
export const mayInject = (tools: AwsTools, open: OpenCall): boolean =>
  tools.injection !== 'none' && open.service?.inject !== undefined

/** The call's input with its context in the message, as a copy; `undefined` when nothing is added. */
export function injectInput(tools: AwsTools, open: OpenCall, input: Fields): Fields | undefined {
  const { service, call, inner } = open
  if (service?.inject === undefined) return undefined
  const entries: [string, string][] = []
  tools.propagation.inject(inner, (name, value) => {
    // X-Ray's context the services carry by themselves, from the header.
    if (name !== XRAY) entries.push([name, value])
  })
  const carrier: MessageCarrier = { injection: tools.injection, entries }
  return entries.length === 0 ? undefined : service.inject({ ...call, input }, carrier)
}

/**
 * For SDKs that ask no InvokeStore (v2, and v3 before 3.975): what they leave out is set. X-Ray's header they take from the
 * environment as it came, naming the caller; it is made to name the call. Any other that is there already is the user's.
 */
export function injectHeaders(tools: AwsTools, open: OpenCall, headers: Fields): void {
  const target = headers as Record<string, unknown>
  const names = new Map(Object.keys(target).map(name => [name.toLowerCase(), name]))
  const { traceHeader } = open.outer
  const xrayName = names.get(XRAY) ?? XRAY
  const there = target[xrayName]
  if (there === undefined || there === traceHeader) {
    const xray = tools.xrayTraceId(traceHeader)
    if (xray !== undefined) target[xrayName] = xray
  }
  if (names.has('traceparent')) return
  tools.propagation.inject(open.inner, (name, value) => {
    if (name !== XRAY && !names.has(name)) target[name] = value
  })
}
