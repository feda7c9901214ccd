// nodemailer: a mail is one call, by whichever transport. Who it goes to, and what it says, is not told.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import { ATTR_NETWORK_PROTOCOL_NAME, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../semconv.ts'
import { SPAN_KIND_CLIENT } from '../../trace/span-kind.ts'
import { fieldsOf, numberOf, textOf } from '../aws-sdk/fields.ts'
import type { LibraryTools } from '../contract.ts'
import { closingCallback, openCall, runCall, type TracedCall } from '../traced-call.ts'

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
    if (typeof callback !== 'function') return runCall(tools, call, work)
    args[1] = closingCallback(tools, call, (...results) =>
      Reflect.apply(callback, undefined, results),
    )
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
