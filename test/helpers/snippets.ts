// The fenced blocks of the documents: what is in them, and who runs it. What nobody runs fails test/snippets/.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

export interface Snippet {
  readonly document: string
  /** Of the fence that opens it. */
  readonly line: number
  /** What stands behind the fence; empty when nothing does. */
  readonly language: string
  readonly text: string
}

/** Where a reader looks for what to do. Drawings of ARCHITECTURE.md are no snippets, and decisions show none. */
export const DOCUMENTS: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'test/bench/README.md'],
  ...globSync('docs/**/*.md', { cwd: ROOT }).sort(),
]

/** Of one document; a fence that is not closed goes to its end, as Markdown has it. */
export function readSnippets(document: string, markdown: string): Snippet[] {
  const snippets: Snippet[] = []
  let open: { fence: string; line: number; language: string; lines: string[] } | undefined
  const close = (): void => {
    if (open === undefined) return
    const { line, language, lines } = open
    snippets.push({ document, line, language, text: lines.map(each => `${each}\n`).join('') })
    open = undefined
  }
  for (const [index, text] of markdown.split('\n').entries()) {
    const [, fence = '', language = ''] = /^\s*(`{3,}|~{3,})\s*(.*?)\s*$/.exec(text) ?? []
    if (open === undefined && fence !== '') open = { fence, line: index + 1, language, lines: [] }
    else if (open !== undefined && language === '' && fence.startsWith(open.fence)) close()
    else open?.lines.push(text)
  }
  close()
  return snippets
}

export const SNIPPETS: readonly Snippet[] = DOCUMENTS.flatMap(document =>
  readSnippets(document, readFileSync(join(ROOT, document), 'utf8')),
)

export const snippetsOf = (language: string): Snippet[] =>
  SNIPPETS.filter(each => each.language === language)

/** For the name of a test and for a table: the document, and how the snippet begins. */
export function titleOf({ document, text }: Snippet): string {
  return `${document}: ${text.split('\n', 1)}`
}

/** The whole commands of a shell snippet, without comments, continued lines joined. */
export function commandsOf({ text }: Pick<Snippet, 'text'>): string[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  const commands = lines.flatMap(line => line.replace(/(^| )#.*/, '').split(' && '))
  return commands.map(each => each.replace(/ +/g, ' ').trim()).filter(each => each !== '')
}

export type CommandKind =
  | `npm ${'ci' | 'test' | 'run demo' | 'run check' | 'run build'}`
  | `baton ${'invoke' | 'build'}`
  | `docker ${'build' | 'run' | 'compose'}`
  | `aws ${'lambda' | 'ecr'}`
  | 'git clone'
  | 'curl'
  | 'publish-runtime'

interface Kind {
  readonly pattern: RegExp
  /** The file that runs every command of this kind. */
  readonly runBy: string
}

/** Every kind of command that the documents may show. */
export const COMMANDS: Readonly<Record<CommandKind, Kind>> = {
  'git clone': { pattern: /^git clone |^cd baton$/, runBy: 'test/snippets/commands.test.ts' },
  'npm ci': { pattern: /^npm ci$/, runBy: '.ci/run' },
  'npm test': { pattern: /^npm test$/, runBy: '.ci/run' },
  'npm run demo': { pattern: /^npm run demo$/, runBy: '.ci/run' },
  'npm run check': { pattern: /^npm run check$/, runBy: '.ci/run' },
  'npm run build': { pattern: /^npm run build$/, runBy: 'test/image/run.ts' },
  'baton invoke': { pattern: /^npx baton invoke /, runBy: 'test/snippets/commands.test.ts' },
  'baton build': { pattern: /^npx baton build /, runBy: 'test/image/building.test.ts' },
  'docker build': { pattern: /^docker build /, runBy: 'test/image/documented-images.test.ts' },
  'docker run': { pattern: /^docker run /, runBy: 'test/image/documented-images.test.ts' },
  'docker compose': { pattern: /^docker compose /, runBy: 'test/image/documented-images.test.ts' },
  curl: { pattern: /^curl /, runBy: 'test/image/documented-images.test.ts' },
  'aws lambda': { pattern: /^aws lambda(?:-core)? /, runBy: 'test/image/commands.test.ts' },
  'aws ecr': { pattern: /^aws ecr /, runBy: 'test/image/commands.test.ts' },
  'publish-runtime': {
    pattern: /^node docker\/publish-runtime\.ts /,
    runBy: 'test/image/commands.test.ts',
  },
}

/** All documented commands of one kind. */
export function documented(kind: CommandKind): string[] {
  const commands = snippetsOf('sh').flatMap(commandsOf)
  return commands.filter(each => COMMANDS[kind].pattern.test(each))
}

/** What runs the snippets of each language but `sh`: it goes through all of them, and fails at one that it does not know. */
export const LANGUAGES: Readonly<Record<string, string>> = {
  js: 'test/snippets/code.test.ts',
  dotenv: 'test/snippets/environment.test.ts',
  text: 'test/snippets/output.test.ts',
}

/** What of it nobody runs, in words. */
export function findUncovered(snippets: readonly Snippet[]): string[] {
  return snippets.flatMap(snippet => {
    const { document, line, language } = snippet
    const where = `${document}:${line}`
    if (language !== 'sh')
      return language in LANGUAGES ? [] : [`${where}: nothing runs a block of "${language}"`]
    const kinds = Object.values(COMMANDS)
    return commandsOf(snippet)
      .filter(command => !kinds.some(({ pattern }) => pattern.test(command)))
      .map(command => `${where}: nothing runs ${command}`)
  })
}

/**
 * Runs `check` for every snippet of a language by its title. One that has no check, or a check whose snippet is gone,
 * is handed to `fail`.
 */
export async function forEachSnippet<T>(
  language: string,
  checks: Readonly<Record<string, T>>,
  check: (title: string, snippet: Snippet, known: T) => Promise<unknown>,
  fail: (message: string) => void,
): Promise<void> {
  const left = new Set(Object.keys(checks))
  for (const snippet of snippetsOf(language)) {
    const title = titleOf(snippet)
    const known = checks[title]
    left.delete(title)
    if (known === undefined) fail(`${title}: expected a check of this ${language} block, got none`)
    else await check(title, snippet, known)
  }
  for (const title of left) fail(`${title}: expected such a ${language} block, got none`)
}
