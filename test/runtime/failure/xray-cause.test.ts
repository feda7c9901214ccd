// C93: X-Ray's picture of an exception.
import t from 'tap'
import { describeError } from '../../../runtime/failure/describe-error.ts'
import { describeXRayCause } from '../../../runtime/failure/xray-cause.ts'

const MAX_HEADER_BYTES = 64 * 1024

function causeOf(...trace: readonly string[]) {
  return JSON.parse(describeXRayCause({ errorType: 'T', errorMessage: 'M', trace }))
}

t.test('C93 type, message, frames and the paths of all frames, each once', async t => {
  const cause = causeOf(
    'T: M',
    '    at inner (/var/task/a.js:10:5)',
    '    at outer (/var/task/b.js:20:7)',
    '    at /var/task/a.js:30:9',
  )
  t.strictSame(cause, {
    working_directory: process.cwd(),
    exceptions: [
      {
        type: 'T',
        message: 'M',
        stack: [
          { path: '/var/task/a.js', line: 10, label: 'inner' },
          { path: '/var/task/b.js', line: 20, label: 'outer' },
          { path: '/var/task/a.js', line: 30, label: 'anonymous' },
        ],
      },
    ],
    paths: ['/var/task/a.js', '/var/task/b.js'],
  })
})

for (const [line, frame] of [
  ['    at fn (/var/task/a.js:1:2)', { path: '/var/task/a.js', line: 1, label: 'fn' }],
  ['    at file:///var/task/a.mjs:1:2', { path: '/var/task/a.mjs', line: 1, label: 'anonymous' }],
  ['    at fn (file:///var/task/a.mjs:1:2)', { path: '/var/task/a.mjs', line: 1, label: 'fn' }],
  [
    '    at async file:///var/task/a.mjs:1:2',
    { path: '/var/task/a.mjs', line: 1, label: 'anonymous' },
  ],
  ['    at async fn (/var/task/a.js:1:2)', { path: '/var/task/a.js', line: 1, label: 'async fn' }],
  ['    at new Foo (/var/task/a.js:1:2)', { path: '/var/task/a.js', line: 1, label: 'new Foo' }],
  [
    '    at Object.<anonymous> (/var/task/a.js:1:2)',
    { path: '/var/task/a.js', line: 1, label: 'Object.<anonymous>' },
  ],
  [
    '    at Foo.bar [as baz] (/var/task/a.js:1:2)',
    { path: '/var/task/a.js', line: 1, label: 'Foo.bar [as baz]' },
  ],
  ['    at node:internal/main:5:1', { path: 'node:internal/main', line: 5, label: 'anonymous' }],
  ['    at fn (node:fs:12:34)', { path: 'node:fs', line: 12, label: 'fn' }],
  ['    at fn (/var/my task/a.js:1:2)', { path: '/var/my task/a.js', line: 1, label: 'fn' }],
  ['    at Array.map (<anonymous>)', { path: '<anonymous>', line: null, label: 'Array.map' }],
  ['    at fn (native)', { path: 'native', line: null, label: 'fn' }],
  ['at fn (a.js:1:2)', { path: 'a.js', line: 1, label: 'fn' }],
] as const) {
  t.test(`the frame "${line}" is ${JSON.stringify(frame)}`, async t => {
    t.strictSame(causeOf('T: M', line).exceptions[0].stack, [frame])
  })
}

t.test('lines of a message are no frames', async t => {
  t.strictSame(causeOf('T: first', 'second line', '', '  third (x:1:2)').exceptions[0].stack, [])
})

t.test("Node's own stack of a real error comes out whole", async t => {
  const [exception] = JSON.parse(describeXRayCause(describeError(new Error('real')))).exceptions
  t.match(exception.stack[0], { path: import.meta.filename, line: Number })
  t.match(exception, { type: 'Error', message: 'real' })
})

t.test('C94 what is no error has an exception without anything', async t => {
  t.strictSame(JSON.parse(describeXRayCause(undefined)), {
    working_directory: process.cwd(),
    exceptions: [{ stack: [] }],
    paths: [],
  })
})

t.test('the header is ASCII, and reads back as it was', async t => {
  const message = 'é⚡😀\ud800\x7f\x80\u2028\0\r\n"\\'
  const header = describeXRayCause({
    errorType: 'Ошибка',
    errorMessage: message,
    trace: ['    at ф (/var/task/ф.js:1:2)'],
  })
  t.match(header, /^[\x20-\x7e]+$/)
  const [exception] = JSON.parse(header).exceptions
  t.equal(exception.message, message)
  t.equal(exception.type, 'Ошибка')
  t.strictSame(exception.stack, [{ path: '/var/task/ф.js', line: 1, label: 'ф' }])
})

const frame = (size: number) => {
  const [start, end] = ['    at f (/', '.js:1:2)']
  return `${start}${'p'.repeat(size - start.length - end.length)}${end}`
}

t.test('a stack too large for the header is cut, message and type stay', async t => {
  const trace = Array.from({ length: 100 }, (_, index) => frame(1000 - index))
  const header = describeXRayCause({ errorType: 'T', errorMessage: 'M', trace })
  t.ok(header.length <= MAX_HEADER_BYTES, `${header.length} bytes`)
  const { exceptions, paths } = JSON.parse(header)
  t.match(exceptions, [{ type: 'T', message: 'M' }])
  t.ok(exceptions[0].stack.length >= 12, `${exceptions[0].stack.length} frames are kept`)
  t.ok(exceptions[0].stack.length < 100)
  t.equal(paths.length, exceptions[0].stack.length, 'no path of a frame that was cut')
})

t.test('a hundred frames are kept, the next is not', async t => {
  const short = (index: number) => `    at f${index} (a.js:1:2)`
  const trace = Array.from({ length: 101 }, (_, index) => short(index))
  t.equal(causeOf(...trace.slice(0, 100)).exceptions[0].stack.length, 100)
  const { stack } = causeOf(...trace).exceptions[0]
  t.equal(stack.length, 100)
  t.match(stack[99], { label: 'f99' })
})

t.test('a frame of 1024 characters is kept, a longer one left out', async t => {
  const trimmed = (size: number) => frame(size + 4)
  t.equal(causeOf(trimmed(1024)).exceptions[0].stack.length, 1)
  t.equal(causeOf(trimmed(1025)).exceptions[0].stack.length, 0)
})

t.test('type and message of 4096 characters are kept, longer ones cut', async t => {
  const at = (size: number) => {
    const errorType = 't'.repeat(size)
    const header = describeXRayCause({ errorType, errorMessage: '\x01'.repeat(size), trace: [] })
    t.ok(header.length <= MAX_HEADER_BYTES, `${header.length} bytes`)
    const [{ type, message }] = JSON.parse(header).exceptions
    return [type.length, message.length]
  }
  t.strictSame(at(4096), [4096, 4096])
  t.strictSame(at(4097), [4096, 4096])
})

t.test('the worst of all three together still fits', async t => {
  const header = describeXRayCause({
    errorType: '⚡'.repeat(1_000_000),
    errorMessage: '\ud800'.repeat(1_000_000),
    trace: Array.from({ length: 1000 }, () => frame(1000).replaceAll('p', '⚡')),
  })
  t.ok(header.length <= MAX_HEADER_BYTES, `${header.length} bytes`)
  t.match(header, /^[\x20-\x7e]+$/)
})
