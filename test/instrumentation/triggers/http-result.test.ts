import t from 'tap'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import { readEvent } from './read-event.ts'

const NOTHING = { attributes: {}, isError: false }
const status = (code: number) => ({
  attributes: {
    'http.response.status_code': code,
    'error.type': code >= 500 ? String(code) : undefined,
  },
  isError: code >= 500,
})

t.test('the status is a number or its text, from 100 to 599; 5xx is an error', async t => {
  for (const name of ['api-gateway-rest', 'api-gateway-http', 'function-url', 'alb']) {
    const { describeResult } = detectTrigger(readEvent(name), 'fn')
    for (const code of [100, 200, 302, 404, 499, 500, 503, 599]) {
      t.strictSame(describeResult({ statusCode: code, body: 'x' }), status(code))
      t.strictSame(describeResult({ statusCode: String(code) }), status(code))
    }
    const nonsense = [
      ...[99, 600, 1000, -200, 200.5, Number.NaN, Number.POSITIVE_INFINITY, 0, 200n],
      ...['99', '600', '', 'OK', ' 200', '2e2', '0x9', '200 OK', null, true, {}, [200]],
    ]
    for (const statusCode of nonsense) {
      t.strictSame(describeResult({ statusCode }), NOTHING, `${name} ${String(statusCode)}`)
    }
  }
})

t.test(
  'without a status HTTP APIs and function URLs answer 200, the others tell nothing',
  async t => {
    for (const result of [undefined, null, 'text', 7, true, [], {}, { body: 'x' }, () => 1]) {
      for (const name of ['api-gateway-http', 'function-url']) {
        t.strictSame(detectTrigger(readEvent(name), 'fn').describeResult(result), status(200))
      }
      for (const name of ['api-gateway-rest', 'alb', 'other-direct-invoke']) {
        t.strictSame(detectTrigger(readEvent(name), 'fn').describeResult(result), NOTHING)
      }
    }
  },
)

t.test('a result that throws when it is read tells nothing', async t => {
  const throwing = {
    get statusCode() {
      throw new Error('no')
    },
  }
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  for (const name of ['api-gateway-rest', 'api-gateway-http', 'other-direct-invoke']) {
    const { describeResult } = detectTrigger(readEvent(name), 'fn')
    t.strictSame(describeResult(throwing), NOTHING)
    t.strictSame(describeResult(proxy), NOTHING)
  }
})
