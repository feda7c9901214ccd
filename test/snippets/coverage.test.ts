// No block of code in the documents is without a test that runs it: who adds one is told here.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import {
  COMMANDS,
  type CommandKind,
  commandsOf,
  documented,
  findUncovered,
  LANGUAGES,
  readSnippets,
  SNIPPETS,
} from '../helpers/snippets.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

t.test('every block is of a kind that a test runs, and the test is there', async t => {
  t.ok(SNIPPETS.length > 20)
  t.strictSame(findUncovered(SNIPPETS), [])
  const runners = [
    ...Object.values(COMMANDS).map(({ runBy }) => runBy),
    ...Object.values(LANGUAGES),
  ]
  for (const file of runners) t.ok(existsSync(join(ROOT, file)), file)
})

t.test('a kind that no document shows any more is not kept', async t => {
  const kinds = Object.keys(COMMANDS) as CommandKind[]
  for (const kind of kinds) {
    t.ok(documented(kind).length > 0, kind)
    const { runBy } = COMMANDS[kind]
    if (runBy.endsWith('.test.ts')) t.match(read(runBy), `documented('${kind}')`, runBy)
  }
})

t.test('a block that is added, and that nobody runs, is found', async t => {
  const markdown = `Text\n\n\`\`\`sh\nnpm ci\nrm -rf / # all\n\`\`\`\n\n- a list\n\n  \`\`\`\n  what is it\n  \`\`\`\n
~~~yaml\na: b\n~~~\n\n\`\`\`js\n1\n`
  const snippets = readSnippets('a.md', markdown)
  t.strictSame(
    snippets.map(({ line, language }) => [line, language]),
    [
      [3, 'sh'],
      [10, ''],
      [14, 'yaml'],
      [18, 'js'],
    ],
  )
  t.strictSame(findUncovered(snippets), [
    'a.md:3: nothing runs rm -rf /',
    'a.md:10: nothing runs a block of ""',
    'a.md:14: nothing runs a block of "yaml"',
  ])
  t.strictSame(commandsOf({ text: 'a \\\n  b && c   # d\n# e\n' }), ['a b', 'c'])
})

/** Every template, by the test that runs it or holds it against its tool. */
const TEMPLATES: readonly (readonly [path: RegExp, test: string])[] = [
  [/^docker\/compose\.yaml$/, 'test/image/compose.test.ts'],
  [/^docker\/Dockerfile$/, 'test/image/helpers/images.ts'],
  [/^examples\/compose\/index\.js$/, 'test/image/documented-images.test.ts'],
  [/^examples\/deploy\/image\/(?:before|after)\/Dockerfile$/, 'test/image/image.test.ts'],
  [/^examples\/deploy\/cli\/(?:before|layer|wrapper)\/deploy\.sh$/, 'test/image/commands.test.ts'],
  ...[
    /^examples\/deploy\/(?:sam|cdk|terraform|serverless|sst)\/(?:before|layer|wrapper)\/[\w.]+$/,
    /^examples\/deploy\/cdk\/baton\.ts$/,
    /^examples\/deploy\/customer-managed-runtime\/(?:runtime\.yaml|function\.yaml|sam\.yaml|cdk\.ts)$/,
  ].map((path): [RegExp, string] => [path, 'test/image/templates.test.ts']),
]

t.test('no template is without a test', async t => {
  const found = ['docker/compose*.yaml', 'docker/Dockerfile', 'examples/{compose,deploy}/**/*.*']
  const files = globSync([...found, 'examples/deploy/**/Dockerfile'], { cwd: ROOT })
  t.ok(files.length > 20)
  for (const file of files) {
    const [, test] = TEMPLATES.find(([path]) => path.test(file)) ?? []
    if (!t.ok(test, `${file}: expected a test, got none`)) continue
    // Tests go by the folder of the tool, and put paths together of names.
    const [, tool] = /^examples\/deploy\/([^/]+)\//.exec(file) ?? []
    const named = tool ?? (file.startsWith('examples/') ? dirname(file) : basename(file))
    t.match(read(test ?? ''), `'${named}'`, `${test}: ${file}`)
  }
})

t.test('what the documents tell a developer to run is what CI runs', async t => {
  const script = read('.ci/run').split('\n')
  const { scripts } = JSON.parse(read('package.json'))
  for (const kind of ['npm ci', 'npm test', 'npm run demo'] as const)
    for (const command of documented(kind)) t.ok(script.includes(command), command)
  for (const part of scripts.check.split(' && ')) t.ok(script.includes(part), part)
  t.equal(scripts.build, 'node docker/build.ts', 'which test/image/run.ts starts')
})
