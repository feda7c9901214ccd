// Things that can be thrown, and that break whoever looks at them carelessly.
import { runInNewContext } from 'node:vm'

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function fail(): never {
  throw new Error('trap')
}

function withGetter(key: string): Error {
  return Object.defineProperty(new Error('m'), key, { get: fail, enumerable: true })
}

function cyclic(): Error {
  const error: Error & { self?: unknown; list?: unknown } = new Error('cyclic')
  error.self = error
  error.list = [{ deep: error }]
  error.cause = error
  return error
}

function pairOfErrors(): Error {
  const a: Error & { other?: unknown } = new Error('a')
  const b: Error & { other?: unknown } = new Error('b')
  a.other = b
  b.other = a
  return a
}

/** Each by what is special about it. */
export const HOSTILE: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  'a symbol': Symbol('s'),
  'a BigInt': 10n,
  'a function': () => 1,
  'an empty text': '',
  'an object without a prototype': Object.create(null),
  'a toString that throws': { toString: fail },
  'a toString that gives an object': { toString: () => ({}) },
  'a Symbol.toPrimitive that throws': { [Symbol.toPrimitive]: fail },
  'an error with a name that throws': withGetter('name'),
  'an error with a message that throws': withGetter('message'),
  'an error with a stack that throws': withGetter('stack'),
  'an error with a code that throws': withGetter('code'),
  'an error with a toJSON that throws': Object.assign(new Error('m'), { toJSON: fail }),
  'an error whose constructor throws': Object.defineProperty(new Error('m'), 'constructor', {
    get: fail,
  }),
  'an error without a constructor': Object.setPrototypeOf(new Error('m'), null),
  'an error whose parts are no texts': { name: 1, message: {}, stack: Symbol('stack') },
  'an error whose stack is null': { name: 'N', message: 'M', stack: null },
  'an error without a stack': Object.defineProperty(new Error('m'), 'stack', { value: undefined }),
  'an error of another realm': runInNewContext('new RangeError("vm")'),
  'an error that holds itself': cyclic(),
  'two errors that hold each other': pairOfErrors(),
  'an error with a BigInt': Object.assign(new Error('m'), { size: 1n }),
  'an error of all controls and quotes': new Error(
    '\0\x01\b\t\n\v\f\r\x1f"\\/\x7f\x80\u2028\u2029',
  ),
  'an error of lone surrogates': new Error('\ud800a\udc00\udfff'),
  'a revoked proxy': revoked(),
  'a proxy whose prototype throws': new Proxy({}, { getPrototypeOf: fail }),
  'a proxy whose keys throw': new Proxy(new Error('m'), { has: fail, get: fail, ownKeys: fail }),
  'a proxy that has everything': new Proxy({}, { has: () => true, get: () => 'x' }),
}
