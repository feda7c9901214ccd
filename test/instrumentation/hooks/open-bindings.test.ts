// Bindings of ES modules that are `const`s: opened at the place where they are declared, and nowhere else.
import t from 'tap'
import { addLine, type HookedFile, lastLine } from '../../../instrumentation/hooks/module-hooks.ts'

const file: HookedFile = {
  library: 'one',
  chunk: 'one',
  package: 'one',
  versions: '*',
  file: 'index.js',
  wrap: 'wrapOne',
  rebind: ['run', 'stop'],
}

/** The source as it is loaded, without the line at its end. */
const openBindings = (source: string, hooked: HookedFile): string => {
  const line = lastLine(hooked, 'module')
  const loaded = addLine(hooked, source, 'module')
  if (!loaded.endsWith(line)) throw new Error(`expected ${line} at the end, got ${loaded}`)
  return loaded.slice(0, -line.length)
}

t.test('a const becomes a let, and nothing moves', async t => {
  const source =
    '// const run =\nconst runs = 1\nconst run = async () => runs\nexport const stop = 2\n'
  const opened = openBindings(source, file)
  t.equal(
    opened,
    '// const run =\nconst runs = 1\nlet   run = async () => runs\nexport let   stop = 2\n',
  )
  t.equal(opened.length, source.length)
})

t.test('what is no const, and a file that lists nothing, stay as they are', async t => {
  for (const source of ['let run = 1', 'function run() {}', '  const run = 1', 'const { run } = x'])
    t.equal(openBindings(source, file), source)
  const { rebind: _, ...plain } = file
  t.equal(openBindings('const run = 1', plain), 'const run = 1')
})
