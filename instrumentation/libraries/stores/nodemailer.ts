// nodemailer: a mail is one call, by whichever transport. Who it goes to, and what it says, is not told.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import { ATTR_NETWORK_PROTOCOL_NAME, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../semconv.ts'
import { SPAN_KIND_CLIENT } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf, numberOf, textOf } from '../fields.ts'
import { openCall, type TracedCall } from '../traced-call.ts'
import { closeByCallback, runStoreCall, type StoreFailure } from './store-call.ts'

type Callback = (...results: readonly unknown[]) => unknown

export function wrapNodemailer(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = exports as { readonly prototype?: unknown }
  wrapMethod(prototype, 'sendMail', send => createSend(tools, send))
}

function createSend(tools: LibraryTools, send: AnyFunction): AnyFunction {
  return function tracedSend(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a mail', () => openMail(tools, this))
    const work = (): unknown => Reflect.apply(send, this, args)
    if (call === undefined) return work()
    const callback = args[1]
    if (typeof callback !== 'function') return runStoreCall(tools, call, work, readMailFailure)
    args[1] = closeByCallback(tools, call, callback as Callback, readMailFailure)
    return tools.tracer.run(call.inner, work)
  }
}

function openMail(tools: LibraryTools, mailer: unknown): TracedCall | undefined {
  const { transporter, options } = fieldsOf(mailer)
  const isSmtp = /^SMTP/.test(String((transporter as { name?: unknown }).name))
  const settings = fieldsOf(options)
  return openCall(tools, {
    name: 'send mail',
    kind: SPAN_KIND_CLIENT,
    attributes: {
      [ATTR_NETWORK_PROTOCOL_NAME]: isSmtp ? 'smtp' : undefined,
      [ATTR_SERVER_ADDRESS]: isSmtp ? textOf(settings, 'host') : undefined,
      [ATTR_SERVER_PORT]: isSmtp ? numberOf(settings, 'port') : undefined,
    },
    hidesRequests: true,
  })
}

/** The library's code, and the server's: what the server goes on to say may name who it was to. */
function readMailFailure(error: unknown): StoreFailure {
  const { code, responseCode } = fieldsOf(error)
  const known = [code, responseCode].filter(each => each !== undefined)
  return { message: known.length === 0 ? undefined : known.join(' ') }
}
