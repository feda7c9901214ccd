// A failure as two trailers: any error at all, within what the platform's server takes.
import t from 'tap'
import { describeErrorInTrailers } from '../../../runtime/streaming/error-trailers.ts'
import { startRandom } from '../../helpers/random.ts'
import { HOSTILE } from '../failure/hostile.ts'

const TYPE = 'Lambda-Runtime-Function-Error-Type'
const BODY = 'Lambda-Runtime-Function-Error-Body'
/** Go's net/http takes this much after the last chunk, the empty line included. */
const MAX_SECTION_BYTES = 4096

function sectionBytes(trailers: Readonly<Record<string, string>>): number {
  const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.byteLength(`${lines.join('')}\r\n`)
}

function bodyOf(trailers: Readonly<Record<string, string>>): {
  errorType: string
  errorMessage: string
  trace: string[]
} {
  return JSON.parse(Buffer.from(trailers[BODY] ?? '', 'base64').toString())
}

/** An error without a stack, so that nothing but its message has a length. */
function plain(message: string, name = 'Error'): Error {
  return Object.defineProperty(Object.assign(new Error(message), { name }), 'stack', {
    value: undefined,
  })
}

t.test('C126 the type as it is, the report in base64', async t => {
  const trailers = describeErrorInTrailers(new TypeError('é'))
  t.strictSame(Object.keys(trailers), [TYPE, BODY])
  t.equal(trailers[TYPE], 'TypeError')
  t.match(bodyOf(trailers), { errorType: 'TypeError', errorMessage: 'é', trace: ['TypeError: é'] })
})

t.test('C128 the last type that is sent as it is, and the first that is not', async t => {
  for (const [name, type] of [
    ['x'.repeat(256), 'x'.repeat(256)],
    ['x'.repeat(257), 'Error'],
    ['!~', '!~'],
    ['a b', 'Error'],
    ['a\nb', 'Error'],
    ['é', 'Error'],
    ['', 'Error'],
  ]) {
    const trailers = describeErrorInTrailers(plain('m', name))
    t.equal(trailers[TYPE], type)
    t.equal(bodyOf(trailers).errorType, name)
  }
})

t.test('C144 the longest message that is whole fills what the platform takes', async t => {
  const isWhole = (length: number): boolean =>
    bodyOf(describeErrorInTrailers(plain('x'.repeat(length)))).errorMessage.length === length
  let length = 1
  while (isWhole(length)) length++
  const last = sectionBytes(describeErrorInTrailers(plain('x'.repeat(length - 1))))
  t.ok(last > MAX_SECTION_BYTES - 4 && last <= MAX_SECTION_BYTES, `${last} bytes`)
  t.ok(sectionBytes(describeErrorInTrailers(plain('x'.repeat(length)))) <= MAX_SECTION_BYTES)
})

t.test('a long stack keeps its beginning', async t => {
  const error = new Error('m')
  const frames = Array.from({ length: 5000 }, (_, index) => `    at f${index} (/var/task/a.js:1:1)`)
  error.stack = ['Error: m', ...frames].join('\n')
  const trailers = describeErrorInTrailers(error)
  const { errorMessage, trace } = bodyOf(trailers)
  t.equal(errorMessage, 'm')
  t.strictSame(trace, ['Error: m', ...frames].slice(0, trace.length))
  t.ok(trace.length > 50 && sectionBytes(trailers) <= MAX_SECTION_BYTES)
})

t.test('whatever is thrown fits', async t => {
  for (const [name, thrown] of Object.entries(HOSTILE)) {
    const trailers = describeErrorInTrailers(thrown)
    t.match(trailers[TYPE], /^[!-~]{1,256}$/, name)
    t.match(trailers[BODY], /^[A-Za-z0-9+/]+=*$/, name)
    t.type(bodyOf(trailers).errorType, 'string')
  }
})

t.test('names and messages of any length and kind fit', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const kinds = ['x', 'é', '⚡', '\0', '"', '\ud800', '💥']
  const text = (): string => random.pick(kinds).repeat(random.below(2) * random.below(9000))
  for (let round = 0; round < 500; round++) {
    const trailers = describeErrorInTrailers(plain(text(), text()))
    if (sectionBytes(trailers) > MAX_SECTION_BYTES) t.fail(`round ${round}: too long`)
    bodyOf(trailers)
  }
  t.pass('500 rounds')
})
