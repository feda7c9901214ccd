// The command line -> a command. Pure; throws a `UsageError` that names the argument.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { parseBuildArguments } from '../../docker/build-options.ts'
import { UsageError } from './errors.ts'

export interface InvokeCommand {
  readonly name: 'invoke'
  readonly directory: string
  /** A file's path, or `-` for stdin. */
  readonly event: string
  readonly handler: string
  readonly timeoutMs: number
  readonly memoryMb: number
  readonly env: Readonly<Record<string, string>>
  readonly endpoint: string | undefined
  readonly bootstrap: string | undefined
  readonly json: boolean
}

export interface BuildCommand {
  readonly name: 'build'
  /** Known to be right; the build reads them again. */
  readonly args: readonly string[]
}

export type Command = InvokeCommand | BuildCommand | { readonly name: 'help' | 'version' }

const OPTIONS = {
  event: { type: 'string' },
  handler: { type: 'string', default: 'index.handler' },
  timeout: { type: 'string', default: '3' },
  memory: { type: 'string', default: '128' },
  env: { type: 'string', multiple: true, default: [] },
  endpoint: { type: 'string' },
  bootstrap: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options']

/** Lambda's limits for a function's timeout and memory. */
const MAX_TIMEOUT_SECONDS = 900
const MEMORY_MB = { min: 128, max: 10_240 }

export function parseArguments(args: readonly string[]): Command {
  const [name, ...buildArgs] = args
  if (name === 'build' && !buildArgs.includes('--help')) {
    parseBuildArguments(buildArgs)
    return { name, args: buildArgs }
  }
  const { values, positionals } = split(args)
  if (values.help) return { name: 'help' }
  if (values.version) return { name: 'version' }
  const [command, directory, ...rest] = positionals
  if (command !== 'invoke')
    throw new UsageError(`command: expected build or invoke, got ${command ?? 'nothing'}`)
  if (directory === undefined) throw new UsageError('FUNCTION_DIR: expected a folder, got nothing')
  if (rest.length > 0)
    throw new UsageError(`FUNCTION_DIR: expected one folder, also got ${rest.join(' ')}`)
  return {
    name: 'invoke',
    directory,
    event: required('--event', values.event),
    handler: required('--handler', values.handler),
    timeoutMs: 1000 * parseTimeout(values.timeout),
    memoryMb: parseMemory(values.memory),
    env: Object.fromEntries(values.env.map(parseVariable)),
    endpoint: values.endpoint === undefined ? undefined : parseEndpoint(values.endpoint),
    bootstrap: values.bootstrap,
    json: values.json,
  }
}

function split(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // parseArgs explains itself in several sentences, of which the first says what is wrong.
    const [reason] = (error as Error).message.split(/\. |\n/)
    throw new UsageError(reason)
  }
}

function required(option: string, value: string | undefined): string {
  if (value === undefined || value === '')
    throw new UsageError(`${option}: expected a value, got nothing`)
  return value
}

function parseTimeout(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS))
    throw new UsageError(
      `--timeout: expected seconds above 0 and up to ${MAX_TIMEOUT_SECONDS}, got ${JSON.stringify(text)}`,
    )
  return seconds
}

function parseMemory(text: string): number {
  const memoryMb = /^\d+$/.test(text) ? Number(text) : Number.NaN
  const { min, max } = MEMORY_MB
  if (!(memoryMb >= min && memoryMb <= max))
    throw new UsageError(
      `--memory: expected whole megabytes from ${min} to ${max}, got ${JSON.stringify(text)}`,
    )
  return memoryMb
}

function parseVariable(text: string): readonly [string, string] {
  const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined)
    throw new UsageError(`--env: expected KEY=VALUE, got ${JSON.stringify(text)}`)
  return [key, value]
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError(`--endpoint: expected an http or https URL, got ${JSON.stringify(text)}`)
  return text
}
