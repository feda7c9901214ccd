import t from 'tap'
import { createGuard } from '../../../instrumentation/guard.ts'
import type { LibraryChunk, LibraryTools } from '../../../instrumentation/libraries/contract.ts'
import { offerGlobals } from '../../../instrumentation/libraries/offered-globals.ts'

const NAME = 'BATON_TEST_GLOBAL'
const read = (): unknown => Reflect.get(globalThis, NAME)

function offer(chunk: LibraryChunk): string[] {
  const loaded: string[] = []
  offerGlobals({
    rows: [{ library: 'prisma', chunk: 'sql', name: NAME }],
    tools: { guard: createGuard({ warn() {} }) } as LibraryTools,
    loadChunk(name) {
      loaded.push(name)
      return chunk
    },
  })
  return loaded
}

t.afterEach(() => void Reflect.deleteProperty(globalThis, NAME))

t.test('a global is made when it is asked for, once', async t => {
  const loaded = offer({ createGlobals: () => ({ [NAME]: () => ({}) }) })
  t.notOk(Object.keys(globalThis).includes(NAME))
  t.strictSame(loaded, [])
  const made = read()
  t.type(made, Object)
  t.equal(read(), made)
  t.strictSame(loaded, ['sql'])
})

t.test('who sets it takes its place', async t => {
  const loaded = offer({ createGlobals: () => ({ [NAME]: () => ({}) }) })
  const theirs = {}
  Reflect.set(globalThis, NAME, theirs)
  t.equal(read(), theirs)
  t.strictSame(loaded, [])
})

t.test('one that cannot be made is none', async t => {
  offer({
    createGlobals() {
      throw new Error('no')
    },
  })
  t.equal(read(), undefined)
})
