import t from 'tap'
import { type HandlerName, parseHandlerName } from '../../../runtime/handler/handler-name.ts'

type Parts = Omit<HandlerName, 'text'>

const ACCEPTED: readonly (readonly [text: string, parts: Parts])[] = [
  ['index.handler', { directory: '', module: 'index', exportPath: ['handler'] }],
  ['src/app/m.handler', { directory: 'src/app/', module: 'm', exportPath: ['handler'] }],
  ['./src/m.handler', { directory: './src/', module: 'm', exportPath: ['handler'] }],
  ['/abs/dir/m.handler', { directory: '/abs/dir/', module: 'm', exportPath: ['handler'] }],
  ['/m.handler', { directory: '/', module: 'm', exportPath: ['handler'] }],
  ['m.a.b.c', { directory: '', module: 'm', exportPath: ['a', 'b', 'c'] }],
  // A file called my.func.js cannot be named: the module ends at the first dot.
  ['my.func.handler', { directory: '', module: 'my', exportPath: ['func', 'handler'] }],
  ['a/a.handler', { directory: 'a/', module: 'a', exportPath: ['handler'] }],
  ['m.x/m.x', { directory: 'm.x/', module: 'm', exportPath: ['x'] }],
  ['v1.2/m.handler', { directory: 'v1.2/', module: 'm', exportPath: ['handler'] }],
  [
    'my dir/my mod.my handler',
    { directory: 'my dir/', module: 'my mod', exportPath: ['my handler'] },
  ],
  ['index.', { directory: '', module: 'index', exportPath: [''] }],
  ['.handler', { directory: '', module: '', exportPath: ['handler'] }],
  ['é.⚡', { directory: '', module: 'é', exportPath: ['⚡'] }],
]

for (const [text, parts] of ACCEPTED) {
  t.test(`C13-C16 ${text} is ${JSON.stringify(parts)}`, async t => {
    t.strictSame(parseHandlerName(text), { text, ...parts })
  })
}

for (const text of ['index', '', '/', 'a/index', 'a.b/', 'a.b/index']) {
  t.test(`C11 ${JSON.stringify(text)} names no export: Bad handler`, async t => {
    t.throws(() => parseHandlerName(text), {
      name: 'Runtime.MalformedHandlerName',
      code: 'HANDLER_NAME_MALFORMED',
      message: 'Bad handler',
    })
  })
}

for (const text of ['../index.handler', 'index..handler', '..', 'a/../b.c', '/a/..b.c', 'a.b...']) {
  t.test(`C12 ${text} is refused for its two dots`, async t => {
    t.throws(() => parseHandlerName(text), {
      name: 'Runtime.MalformedHandlerName',
      code: 'HANDLER_NAME_MALFORMED',
      message: `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    })
  })
}
