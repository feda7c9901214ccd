// What the runtime puts where the function's code can see it: `globalThis.awslambda` and two environment variables.
import type { InvokeStore } from './invoke-store.ts'

const TRACE_ID_VARIABLE = '_X_AMZN_TRACE_ID'
const LOG_DESCRIPTOR_VARIABLE = '_LAMBDA_TELEMETRY_LOG_FD'

/** `globalThis.awslambda`; what was there before the runtime stays. */
export function installGlobals(store: InvokeStore): void {
  const globals = globalThis as { awslambda?: object }
  globals.awslambda = { ...globals.awslambda, InvokeStore: store }
}

/** `globalThis.baton`: what the function's code may ask of the runtime by name. */
export function installBaton(members: Readonly<Record<string, unknown>>): void {
  const globals = globalThis as { baton?: object }
  globals.baton = { ...globals.baton, ...members }
}

/** X-Ray's header of the invocation, byte for byte, for what reads the environment; removed when there was none. */
export function publishTraceHeader(header: string | undefined): void {
  if (header === undefined) delete process.env[TRACE_ID_VARIABLE]
  else process.env[TRACE_ID_VARIABLE] = header
}

/** The descriptor is the runtime's: neither the function nor its child processes write to it. */
export function hideLogDescriptor(): void {
  delete process.env[LOG_DESCRIPTOR_VARIABLE]
}
