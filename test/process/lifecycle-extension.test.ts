// The internal extension that makes Lambda send SIGTERM: when it is registered, and that nothing depends on it.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { EXTENSION_ID, type ExtensionFault } from '../helpers/extensions-api.ts'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const OK = { 'index.js': 'exports.handler = async () => 1' }
const TRACED = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
const HOOKED = { BATON_SHUTDOWN_HOOK: 'on' }

t.test('with tracing it registers before the first next, and asks for events for ever', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: OK,
    events: [{}, {}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(2)
  t.match(fn.api.extensionCalls, [
    {
      operation: 'register',
      headers: { 'lambda-extension-name': 'baton', 'user-agent': /^baton\// },
      body: '{"events":[]}',
      nexts: 0,
    },
    { operation: 'event/next', headers: { 'lambda-extension-identifier': EXTENSION_ID } },
  ])
  t.equal(fn.api.extensionCalls.length, 2)
  t.equal(fn.api.extensionCalls[1]?.isClosed(), false, 'still pending after two invocations')
  for (const { headers } of fn.api.extensionCalls) {
    t.notMatch(Object.keys(headers).join(), /traceparent|tracestate|baggage|x-amzn-trace-id/i)
  }
  t.same(
    (await collector.waitForSpans(2)).map(span => span.name),
    ['fn', 'fn'],
    'neither call has a span',
  )
  t.equal(fn.stdout() + fn.stderr(), '')
})

t.test('it leaves before the function is loaded: loading may take its time', async t => {
  await using fn = await startFunction({
    // Blocks the event loop until the test has seen the registration.
    files: {
      'index.js': `
        const { existsSync } = require('node:fs')
        while (!existsSync(__dirname + '/go'));
        exports.handler = async () => 1`,
    },
    events: [{}],
    env: HOOKED,
  })
  await fn.api.until(({ extensionCalls }) => extensionCalls.length === 1)
  t.notOk(existsSync(join(fn.directory, 'go')))
  await writeFile(join(fn.directory, 'go'), '')
  await fn.answered(1)
  t.match(fn.api.extensionCalls, [{ operation: 'register', nexts: 0 }, { operation: 'event/next' }])
})

for (const [env, isRegistered] of [
  [{}, false],
  [TRACED, true],
  [{ BATON_SHUTDOWN_HOOK: 'on' }, true],
  [{ BATON_SHUTDOWN_HOOK: 'ON' }, true],
  [{ BATON_SHUTDOWN_HOOK: 'off' }, false],
  [{ ...TRACED, BATON_SHUTDOWN_HOOK: 'on' }, true],
  [{ ...TRACED, BATON_SHUTDOWN_HOOK: 'off' }, false],
  [{ ...TRACED, BATON_SHUTDOWN_HOOK: ' ' }, true],
  [{ ...TRACED, OTEL_SDK_DISABLED: 'true' }, false],
  [{ ...TRACED, OTEL_TRACES_EXPORTER: 'none', BATON_SHUTDOWN_HOOK: 'on' }, true],
] as const) {
  t.test(`${JSON.stringify(env)}: ${isRegistered ? 'registered' : 'not registered'}`, async t => {
    await using fn = await startFunction({ files: OK, events: [{}], env })
    await fn.answered(1)
    t.equal(fn.api.extensionCalls.length, isRegistered ? 2 : 0)
  })
}

t.test('BATON_SHUTDOWN_HOOK with another word is warned of, and means the default', async t => {
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: { ...TRACED, BATON_SHUTDOWN_HOOK: 'yes' },
  })
  await fn.answered(1)
  t.equal(fn.api.extensionCalls.length, 2)
  t.match(fn.stdout(), /\tWARN\tBATON_SHUTDOWN_HOOK: expected on or off, got "yes"; the default/)
})

const NEVER: ExtensionFault = { after: new Promise(() => {}) }

for (const [name, operation, fault] of [
  ['registration is refused with 403', 'register', { status: 403 }],
  ['the API is not there: 404', 'register', { status: 404 }],
  ['registration fails with 500', 'register', { status: 500 }],
  ['registration is reset', 'register', { reset: true }],
  ['registration is never answered', 'register', NEVER],
  ['event/next is refused with 403', 'event/next', { status: 403 }],
  ['event/next fails with 500', 'event/next', { status: 500 }],
  ['event/next is reset', 'event/next', { reset: true }],
  // An emulator that hands out an event all the same.
  ['event/next is answered', 'event/next', { status: 200 }],
] as const) {
  t.test(`${name}: the function serves as ever, and nobody is told`, async t => {
    await using fn = await startFunction({
      files: OK,
      events: [{}, {}],
      env: HOOKED,
      extensionFault: call => (call.operation === operation ? fault : undefined),
    })
    await fn.answered(2)
    t.match(fn.api.posts, [{ body: '1' }, { body: '1' }])
    t.equal(fn.stdout() + fn.stderr(), '')
    // One registration, three attempts, and one of them twice where the connection had served before.
    t.ok(fn.api.extensionCalls.length <= 5, 'and the API is not asked without end')
  })
}

t.test('the first next waits for the answer: it closes the registration', async t => {
  let answeredMs = Number.POSITIVE_INFINITY
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: HOOKED,
    extensionFault: ({ operation }) => {
      if (operation !== 'register') return undefined
      const after = sleep(50).then(() => {
        answeredMs = performance.now()
      })
      return { after }
    },
  })
  await fn.answered(1)
  t.ok(Number(fn.api.nexts[0]?.atMs) > answeredMs)
})

t.test('a registration that is answered late still asks for events: it would hang all', async t => {
  const { promise: isServing, resolve: serves } = Promise.withResolvers<void>()
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: HOOKED,
    extensionFault: ({ operation }) =>
      operation === 'register' ? { after: isServing } : undefined,
  })
  await fn.answered(1)
  t.equal(fn.api.extensionCalls.length, 1)
  serves()
  await fn.api.until(({ extensionCalls }) => extensionCalls.length === 2)
  t.match(fn.api.extensionCalls[1], { operation: 'event/next' })
})

t.test('connections that are closed after each answer do not matter', async t => {
  await using fn = await startFunction({
    files: OK,
    events: [{}, {}],
    env: HOOKED,
    closesConnections: true,
  })
  await fn.answered(2)
  t.match(fn.api.extensionCalls, [{ operation: 'register' }, { operation: 'event/next' }])
  t.equal(fn.api.extensionCalls.length, 2)
})

t.test('the pending request does not keep the event loop busy', async t => {
  const cases = [
    ['async () => { await new Promise(() => {}) }', 'error', /"errorType":"Runtime.NodeJsExit"/],
    ['(event, context, callback) => {}', 'response', 'null'],
    // Waits for the empty event loop, as it does unless told otherwise.
    ['(event, context, callback) => callback(null, 7)', 'response', '7'],
  ] as const
  for (const [handler, operation, body] of cases) {
    await using fn = await startFunction({
      files: { 'index.js': `exports.handler = ${handler}` },
      events: [{}, {}],
      env: HOOKED,
    })
    await fn.answered(2)
    t.equal(fn.api.extensionCalls.length, 2)
    t.match(fn.api.posts, [
      { operation, body },
      { operation, body },
    ])
  }
})

for (const extensionFault of [() => undefined, () => NEVER]) {
  t.test('C107 a top-level await that never ends is seen as such', async t => {
    await using fn = await startFunction({
      files: {
        'index.mjs': 'await new Promise(() => {}); export const handler = async () => 1',
      },
      env: HOOKED,
      extensionFault,
    })
    t.equal((await fn.exit).code, 13)
    t.match(fn.api.posts, [{ operation: 'init/error', body: /"errorType":"Runtime.NodeJsExit"/ }])
  })
}
