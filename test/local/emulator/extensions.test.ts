// The Extensions API as an internal extension sees it (C173-C175), and the window before the kill that it buys.
import t, { type Test } from 'tap'
import type { LogLine } from '../../../local/emulator/log-line.ts'
import { startScripted } from './start-scripted.ts'

interface Step {
  readonly status: number
  readonly text: string
}

/** Runs `code` before the first `next`; what it hands to `note` comes back as the answer to an event. */
async function runInit(t: Test, code: string): Promise<Step[]> {
  await using fn = await startScripted(
    t,
    `const steps = []
    const note = reply => steps.push({ status: reply.status, text: reply.text })
    ${code}
    await serve(() => steps)`,
  )
  return JSON.parse((await fn.invoke({})).body)
}

const refusal = (errorType: string, errorMessage: string): Step => ({
  status: 403,
  text: `${JSON.stringify({ errorMessage, errorType })}\n`,
})

t.test('who registers is told of the function, and given an identifier', async t => {
  await using fn = await startScripted(
    t,
    `const reply = await register('one')
    void eventNext(extensionIdOf(reply))
    await serve(() => ({ status: reply.status, id: extensionIdOf(reply), body: JSON.parse(reply.text) }))`,
    { name: 'orders', handler: 'app.main' },
  )
  t.match(JSON.parse((await fn.invoke({})).body), {
    status: 200,
    id: /^[0-9a-f]{8}-[0-9a-f-]{27}$/,
    body: { functionName: 'orders', functionVersion: '$LATEST', handler: 'app.main' },
  })
})

t.test('C174 events that an internal extension cannot have', async t => {
  const steps = await runInit(
    t,
    `note(await register('a', '{"events":["SHUTDOWN"]}'))
    note(await register('a', '{"events":["INVOKE","SHUTDOWN"]}'))
    note(await register('a', '{"events":["SLEEP"]}'))`,
  )
  const shutdown = refusal(
    'Extension.InvalidEventType',
    'SHUTDOWN: ShutdownEventNotSupportedForInternalExtension',
  )
  t.strictSame(steps, [
    shutdown,
    shutdown,
    refusal('Extension.InvalidEventType', 'SLEEP: ErrorInvalidEventType'),
  ])
})

t.test('C174 nobody registers after the first next', async t => {
  await using fn = await startScripted(t, `await serve(async () => (await register('late')).text)`)
  const { text } = refusal('Extension.RegistrationClosed', 'Extension registration closed already')
  t.equal(JSON.parse((await fn.invoke({})).body), text)
})

t.test('names: none, one twice, and the last and first too many', async t => {
  const steps = await runInit(
    t,
    `note(await register(undefined))
    note(await register('x', 'not json'))
    const ready = []
    for (let count = 0; count < 10; count++) {
      const reply = await register('extension-' + count)
      if (count === 0) note(await register('extension-0'))
      if (count === 9) note(reply)
      void eventNext(extensionIdOf(reply))
    }
    note(await register('extension-10'))`,
  )
  t.match(steps, [
    refusal('Extension.InvalidExtensionName', 'Empty extension name'),
    { status: 403, text: /"errorType":"InvalidRequestFormat"/ },
    refusal('Extension.InvalidExtensionState', 'Extension with this name already registered'),
    { status: 200 },
    refusal('Extension.TooManyExtensions', 'Extension limit (10) reached'),
  ])
})

t.test('identifiers: none, a wrong one, an unknown one', async t => {
  const unknown = '8b8c2a2e-7a0e-4b0c-9d2c-0c3f2f1d6a55'
  const steps = await runInit(
    t,
    `note(await eventNext(undefined))
    note(await eventNext('me'))
    note(await eventNext('${unknown}'))
    note(await failExtension('exit/error', '${unknown}', 'Boom'))`,
  )
  t.strictSame(steps, [
    refusal('Extension.MissingExtensionIdentifier', 'Missing Lambda-Extension-Identifier header'),
    refusal('Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier'),
    refusal('Extension.UnknownExtensionIdentifier', `Unknown extension ${unknown}`),
    refusal('Extension.UnknownExtensionIdentifier', 'Unknown Lambda-Extension-Identifier'),
  ])
})

t.test('event/next while one is pending is refused', async t => {
  const steps = await runInit(
    t,
    `const id = extensionIdOf(await register('one'))
    note(await Promise.race([eventNext(id), eventNext(id)]))`,
  )
  t.match(steps, [
    {
      status: 403,
      text: /State transition from Ready to Ready failed for extension [0-9a-f-]+\. Error: State transition is not allowed/,
    },
  ])
})

t.test('an extension may report how it failed, in time and with a name', async t => {
  const steps = await runInit(
    t,
    `const id = extensionIdOf(await register('one'))
    note(await failExtension('init/error', id))
    note(await failExtension('init/error', id, 'Boom'))
    note(await failExtension('init/error', id, 'Again'))
    note(await eventNext(id))`,
  )
  t.match(steps, [
    refusal('Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found'),
    { status: 202 },
    { status: 202 },
    { status: 403, text: /from InitError to Ready/ },
  ])
})

t.test('C173 registered, and event/next never asked for: init never ends', async t => {
  await using fn = await startScripted(t, `await register('one'); await serve(() => 1)`, {
    initTimeoutMs: 300,
  })
  const answers = [await fn.invoke({}), await fn.invoke({})]
  t.match(answers, Array(2).fill({ kind: 'error', errorType: 'Sandbox.Timedout' }))
})

t.test('C175 an extension on INVOKE is told of the event, and waited for', async t => {
  const lines: string[] = []
  const { promise: isDelivered, resolve } = Promise.withResolvers<void>()
  await using fn = await startScripted(
    t,
    `const id = extensionIdOf(await register('one', '{"events":["INVOKE"]}'))
    let release
    process.on('SIGUSR2', () => release())
    void (async () => {
      for (;;) {
        const event = await eventNext(id)
        console.log(JSON.stringify([event.headers['lambda-extension-event-identifier'], JSON.parse(event.text)]))
        await new Promise(resolve => { release = resolve })
      }
    })()
    await serve(() => process.pid)`,
    {
      onLog: ({ text }) => {
        lines.push(text)
        if (text.startsWith('["')) resolve()
      },
    },
  )
  const first = await fn.invoke({}, { traceHeader: 'Root=1-1-2' })
  await isDelivered
  const [eventId, event] = JSON.parse(lines.find(line => line.startsWith('["')) ?? '[]')
  t.match(eventId, /^[0-9a-f-]{36}$/)
  t.match(event, {
    eventType: 'INVOKE',
    requestId: first.requestId,
    invokedFunctionArn: /^arn:aws:lambda:/,
    tracing: { type: 'X-Amzn-Trace-Id', value: 'Root=1-1-2' },
  })
  t.ok(event.deadlineMs > Date.now())
  t.notOk(
    lines.some(line => line.startsWith('END')),
    'answered, and not over',
  )
  process.kill(Number(first.body), 'SIGUSR2')
  await fn.settled()
  t.ok(lines.some(line => line.startsWith(`END RequestId: ${first.requestId}`)))
})

const EXTENSION = `void eventNext(extensionIdOf(await register('one')))`
const HANG = `await serve(event => event.hang ? new Promise(() => {}) : process.pid)`

t.test('C172 with an extension a timeout is SIGTERM first; who exits is not killed', async t => {
  const lines: LogLine[] = []
  await using fn = await startScripted(
    t,
    `process.on('SIGTERM', () => { console.log('SIGTERM'); process.exit(0) })
    ${EXTENSION}
    ${HANG}`,
    { timeoutMs: 300, onLog: line => lines.push(line) },
  )
  const first = await fn.invoke({})
  t.match(await fn.invoke({ hang: true }), { errorType: 'Sandbox.Timedout' })
  t.ok(lines.some(({ text }) => text === 'SIGTERM'))
  t.not((await fn.invoke({})).body, first.body, 'a new process')
})

t.test(
  'C172 who does not exit is killed after the window, and its late answer is none',
  async t => {
    const lines: LogLine[] = []
    await using fn = await startScripted(
      t,
      `${EXTENSION}
    const event = await next()
    process.on('SIGTERM', async () => {
      const { status } = await respond(idOf(event), '"late"')
      console.log('answered ' + status)
    })
    setInterval(() => {}, 1000)`,
      { timeoutMs: 300, onLog: line => lines.push(line) },
    )
    t.match(await fn.invoke({}), { kind: 'error', errorType: 'Sandbox.Timedout' })
    await fn.settled()
    t.ok(lines.some(({ text }) => text === 'answered 202'))
  },
)

t.test('C171 without an extension there is no window', async t => {
  const lines: LogLine[] = []
  await using fn = await startScripted(
    t,
    `process.on('SIGTERM', () => console.log('SIGTERM')); await serve(() => 1)`,
    { onLog: line => lines.push(line) },
  )
  await fn.invoke({})
  await fn.stop()
  t.notOk(lines.some(({ text }) => text === 'SIGTERM'))
})

t.test('stop() gives an idle process its window too', async t => {
  const lines: LogLine[] = []
  await using fn = await startScripted(
    t,
    `process.on('SIGTERM', () => setTimeout(() => { console.log('flushed'); process.exit(0) }, 20))
    ${EXTENSION}
    await serve(() => 1)`,
    { onLog: line => lines.push(line) },
  )
  await fn.invoke({})
  await Promise.all([fn.stop(), fn.stop()])
  t.strictSame(
    lines.filter(line => line.source === 'stdout').map(({ text }) => text),
    ['flushed'],
  )
})
