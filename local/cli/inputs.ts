// What an invocation needs from this machine: the event, the runtime, and the part of the environment that is passed on.
import { accessSync, constants, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { UsageError } from './errors.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** The event's text, known to be JSON. `-` reads `stdin` to its end. */
export async function readEvent(
  file: string,
  stdin: NodeJS.ReadableStream & AsyncIterable<unknown>,
): Promise<string> {
  const event =
    file === '-'
      ? await text(stdin as NodeJS.ReadableStream & AsyncIterable<string>)
      : readFile(file)
  try {
    JSON.parse(event)
  } catch (error) {
    const name = file === '-' ? 'stdin' : file
    throw new UsageError(`--event: expected JSON in ${name}: ${(error as Error).message}`)
  }
  return event
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--event: expected a file that can be read: ${(error as Error).message}`)
  }
}

/**
 * The runtime to run. Without one given, that of this machine's architecture beside the bundled command
 * (dist/cli/baton.mjs), or in dist/ when the command runs from its source.
 */
export function findBootstrap(given: string | undefined): string {
  const layer = `layer-${process.arch}/bootstrap`
  const built = [`../${layer}`, `../../dist/${layer}`].map(path =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  const candidates = given === undefined ? built : [given]
  const found = candidates.find(isExecutable)
  if (found === undefined) {
    const hint = given === undefined ? '; `npm run build` makes it' : ''
    throw new UsageError(
      `--bootstrap: expected an executable file, found none at ${candidates.join(' or ')}${hint}`,
    )
  }
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const PASSED_ON =
  /^(?:OTEL_\w+|BATON_\w+|AWS_ENDPOINT_URL\w*|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_REGION|AWS_DEFAULT_REGION)$/

/** The variables of this shell that the function is to see: where its spans and its AWS calls go, and nothing else. */
export function selectVariables(env: Variables): Record<string, string> {
  const selected: Record<string, string> = {}
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && PASSED_ON.test(name)) selected[name] = value
  return selected
}

/** True when spans have somewhere to go already. */
export function hasEndpoint(env: Variables): boolean {
  return [env.OTEL_EXPORTER_OTLP_ENDPOINT, env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT].some(
    value => (value ?? '').trim() !== '',
  )
}
