// Replacing what a library exports.
import t from 'tap'
import { replaceExport, wrapMethod } from '../../../instrumentation/hooks/wrap.ts'

t.test('a wrapped method looks like the original, and is wrapped once', t => {
  class Client {
    send(a: string, b: string): string {
      return `${a}${b}`
    }
  }
  const wrap = (): boolean =>
    wrapMethod(
      Client.prototype,
      'send',
      send =>
        function (this: unknown, ...args: unknown[]): unknown {
          return `[${Reflect.apply(send, this, args)}]`
        },
    )
  t.ok(wrap())
  t.notOk(wrap(), 'the second time')
  t.equal(new Client().send('a', 'b'), '[ab]')
  t.equal(Client.prototype.send.name, 'send')
  t.equal(Client.prototype.send.length, 2)
  t.strictSame(Object.keys(Client.prototype), [])
  t.end()
})

t.test('an inherited method is replaced where it is looked for, and the base keeps its own', t => {
  class Base {
    send(): string {
      return 'base'
    }
  }
  class Client extends Base {}
  t.ok(wrapMethod(Client.prototype, 'send', () => () => 'wrapped'))
  t.equal(new Client().send(), 'wrapped')
  t.equal(new Base().send(), 'base')
  t.end()
})

t.test('what is no method, or cannot be replaced, is left alone', t => {
  for (const target of [undefined, null, 1, 'text', {}, { send: 1 }]) {
    t.notOk(wrapMethod(target, 'send', () => () => {}))
  }
  const frozen = Object.freeze({ send: () => 'original' })
  t.notOk(wrapMethod(frozen, 'send', () => () => 'wrapped'))
  t.equal(frozen.send(), 'original')
  t.end()
})

t.test('exports that cannot be changed are replaced whole; a function of such is left alone', t => {
  const frozen = { exports: Object.freeze({ make: () => 'made', other: 1 }) as unknown }
  t.ok(replaceExport(frozen, 'make', () => () => 'replaced'))
  const { make, other } = frozen.exports as { make: () => string; other: number }
  t.strictSame([make(), other], ['replaced', 1])

  const callable = {
    exports: Object.freeze(Object.assign(() => 1, { make: () => 'made' })) as unknown,
  }
  t.notOk(replaceExport(callable, 'make', () => () => 'replaced'))
  t.notOk(replaceExport({ exports: undefined }, 'make', () => 1))
  t.notOk(replaceExport({ exports: {} }, 'make', () => 1))
  t.end()
})

t.test('of an ES module only what its row lists can be replaced', t => {
  let made = 'made'
  const exports = Object.defineProperty({}, 'made', { get: () => made })
  t.notOk(replaceExport({ exports, rebind: {} }, 'made', () => 'replaced'))
  const rebind = {
    made(value: unknown) {
      made = String(value)
    },
  }
  t.ok(replaceExport({ exports, rebind }, 'made', old => `${old}, replaced`))
  t.equal(made, 'made, replaced')
  t.end()
})
