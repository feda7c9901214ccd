// Trace ids in the lines of loggers that publish nothing: bunyan, winston and Powertools' Logger. Each is changed in the
// one place where a line's fields are complete and not yet text. A line that names a trace already stays as it is.
import type { TraceIds } from '../../runtime/contract.ts'
import type { Wrap } from '../hooks/module-hooks.ts'
import type { LOG_FILES } from './log-files.ts'

type LogWraps = Readonly<Record<(typeof LOG_FILES)[number]['wrap'], Wrap>>

type Method = (this: unknown, ...args: readonly unknown[]) => unknown

export function createLogWraps(ids: () => TraceIds | undefined): LogWraps {
  const wrapLogform: Wrap = ({ exports }) =>
    before(prototypeOf(read(exports, 'Format')), 'transform', ([info]) => addIds(info, ids()))
  return {
    // The record is made for this line, and becomes JSON in here.
    wrapBunyan: ({ exports }) =>
      before(prototypeOf(exports), '_emit', ([record]) => addIds(record, ids())),
    wrapLogform,
    wrapLogformText: wrapLogform,
    wrapPowertools: ({ exports }) =>
      before(prototypeOf(read(exports, 'Logger')), 'printLog', ([, item]) =>
        addIds(read(item, 'attributes'), ids()),
      ),
  }
}

/** Runs `look` before the method, which is called as ever. */
function before(target: unknown, name: string, look: (args: readonly unknown[]) => void): void {
  const original = read(target, name)
  if (typeof original !== 'function') return
  const value: Method = function (...args) {
    look(args)
    return Reflect.apply(original, this, args)
  }
  Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

function addIds(fields: unknown, span: TraceIds | undefined): void {
  if (span === undefined || typeof fields !== 'object' || fields === null) return
  if (Object.hasOwn(fields, 'trace_id') || !Object.isExtensible(fields)) return
  Object.assign(fields, { trace_id: span.traceId, span_id: span.spanId })
}

const prototypeOf = (value: unknown): unknown => read(value, 'prototype')

function read(value: unknown, name: string): unknown {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject ? Reflect.get(value, name) : undefined
}
