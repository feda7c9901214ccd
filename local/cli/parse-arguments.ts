// The command line -> a command. Pure; throws a `UsageError` that names the argument.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { parseBuildArguments } from '../../docker/build-options.ts'
import type { ListenAddress } from '../http/loopback-server.ts'
import { UsageError } from './errors.ts'

interface FunctionCommand {
  readonly directory: string
  readonly handler: string
  readonly timeoutMs: number
  readonly memoryMb: number
  readonly env: Readonly<Record<string, string>>
  readonly endpoint: string | undefined
  readonly bootstrap: string | undefined
}

export interface InvokeCommand extends FunctionCommand {
  readonly name: 'invoke'
  /** A file's path, or `-` for stdin. */
  readonly event: string
  readonly json: boolean
}

export interface ServeCommand extends FunctionCommand {
  readonly name: 'serve'
  readonly listen: ListenAddress
  /** The function sees every variable of this process. */
  readonly inherit: boolean
}

export interface CollectCommand {
  readonly name: 'collect'
  readonly listen: ListenAddress
}

export interface BuildCommand {
  readonly name: 'build'
  /** Known to be right; the build reads them again. */
  readonly args: readonly string[]
}

export type Command =
  | InvokeCommand
  | ServeCommand
  | CollectCommand
  | BuildCommand
  | { readonly name: 'help' | 'version' }

const OPTIONS = {
  event: { type: 'string' },
  handler: { type: 'string', default: 'index.handler' },
  timeout: { type: 'string', default: '3' },
  memory: { type: 'string', default: '128' },
  env: { type: 'string', multiple: true, default: [] },
  endpoint: { type: 'string' },
  bootstrap: { type: 'string' },
  listen: { type: 'string' },
  inherit: { type: 'boolean', default: false },
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
  const [command = 'nothing', directory, ...rest] = positionals
  const own = Object.hasOwn(OWN_OPTIONS, command) ? OWN_OPTIONS[command] : undefined
  if (own === undefined)
    throw new UsageError(`command: expected build, invoke, serve or collect, got ${command}`)
  refuseOthers(command, own, args)
  if (command === 'collect') {
    if (directory !== undefined)
      throw new UsageError(`collect: expected no folder, got ${directory}`)
    return { name: 'collect', listen: parseAddress(values.listen ?? '127.0.0.1:4318') }
  }
  if (directory === undefined) throw new UsageError('FUNCTION_DIR: expected a folder, got nothing')
  if (rest.length > 0)
    throw new UsageError(`FUNCTION_DIR: expected one folder, also got ${rest.join(' ')}`)
  const fn = parseFunction(directory, values)
  if (command === 'serve') {
    const listen = parseAddress(values.listen ?? '127.0.0.1:8080')
    return { name: 'serve', ...fn, listen, inherit: values.inherit }
  }
  return { name: 'invoke', ...fn, event: required('--event', values.event), json: values.json }
}

/** Options that only some commands take, by command. */
const OWN_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  invoke: ['event', 'json', 'handler', 'timeout', 'memory', 'env', 'endpoint', 'bootstrap'],
  serve: ['listen', 'inherit', 'handler', 'timeout', 'memory', 'env', 'endpoint', 'bootstrap'],
  collect: ['listen'],
}

function refuseOthers(command: string, own: readonly string[], args: readonly string[]): void {
  for (const arg of args) {
    const name = /^--([a-z]+)/.exec(arg)?.[1]
    if (name !== undefined && Object.hasOwn(OPTIONS, name) && !own.includes(name))
      throw new UsageError(`--${name}: not an option of ${command}`)
  }
}

type Values = ReturnType<typeof split>['values']

function parseFunction(directory: string, values: Values): FunctionCommand {
  return {
    directory,
    handler: required('--handler', values.handler),
    timeoutMs: 1000 * parseTimeout(values.timeout),
    memoryMb: parseMemory(values.memory),
    env: Object.fromEntries(values.env.map(parseVariable)),
    endpoint: values.endpoint === undefined ? undefined : parseEndpoint(values.endpoint),
    bootstrap: values.bootstrap,
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

/** `HOST:PORT`; 0 leaves the port to the system. */
function parseAddress(text: string): ListenAddress {
  const [, host, digits] = /^([\w.-]+):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (host === undefined || !(port <= 65_535))
    throw new UsageError(
      `--listen: expected HOST:PORT like 127.0.0.1:8080, got ${JSON.stringify(text)}`,
    )
  return { host, port }
}
