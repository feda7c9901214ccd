// The forms an option's text may have. Each says what it expects, so that a refusal can name it.
import {
  parseSecretHeader,
  parseSecretReference,
  type SecretHeader,
  type SecretReference,
} from '../instrumentation/export/transports/aws/secret-reference.ts'

import type { KeepConditions } from '../instrumentation/trace/keep.ts'

/** Reads one kind of value; `undefined` from `read` means that the text is not of it. */
export interface Form<T> {
  readonly expected: string
  readonly read: (text: string) => NonNullable<T> | undefined
  /** The part of the text that `read` left out; a warning names it. */
  readonly leftOut?: (text: string) => string | undefined
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

const MAX_PORT = 65_535

export const text: Form<string> = { expected: 'text', read: value => value }

export const flag: Form<boolean> = {
  expected: 'true or false',
  read(value) {
    const word = value.toLowerCase()
    return word === 'true' ? true : word === 'false' ? false : undefined
  },
}

/** AWS's switches are on for `1` and `true` and off for anything else. */
export const awsSwitch: Form<boolean> = {
  expected: '1 or true',
  read: value => value === '1' || value === 'true',
}

/** A variable that means what it means by being there. */
export const presence: Form<boolean> = { expected: 'anything', read: () => true }

export const hostPort: Form<HostPort> = {
  expected: 'host:port',
  read(value) {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):([0-9]{1,5})$/.exec(value)
    const port = Number(match?.[3])
    const host = match?.[1] ?? match?.[2]
    return host !== undefined && port > 0 && port <= MAX_PORT ? { host, port } : undefined
  },
}

export const milliseconds: Form<number> = {
  expected: 'milliseconds, 0 or more',
  read(value) {
    const number = Number(value)
    return Number.isFinite(number) && number >= 0 ? number : undefined
  },
}

export const wholeNumber: Form<number> = {
  expected: 'a whole number',
  read(value) {
    const number = Number(value)
    return Number.isSafeInteger(number) && number >= 0 ? number : undefined
  },
}

export const positiveInt: Form<number> = {
  expected: 'a whole number above 0',
  read(value) {
    const number = Number(value)
    return Number.isSafeInteger(number) && number > 0 ? number : undefined
  },
}

/** Managed Instances' default of invocations for one vCPU. */
const DEFAULT_CONCURRENCY = 64

/** Being defined is what counts; a text that is no number means the platform's default. */
export const concurrency: Form<number | undefined> = {
  expected: 'a whole number above 0',
  read: value => positiveInt.read(value) ?? DEFAULT_CONCURRENCY,
}

export const httpUrl: Form<URL> = {
  expected: 'an http:// or https:// URL',
  read(value) {
    const url = URL.parse(value)
    return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' ? url : undefined
  },
}

/** A switch, or an absolute path. */
export const journalPlace: Form<string> = {
  expected: 'on, off or an absolute path',
  read(value) {
    const word = value.toLowerCase()
    if (word === 'on' || word === 'off') return word
    return value.startsWith('/') ? value : undefined
  },
}

/** `key=value,key=value`, values percent-encoded: OpenTelemetry's form for headers and resource attributes. */
export const keyValues: Form<Readonly<Record<string, string>>> = {
  expected: 'key=value pairs joined by commas',
  read(value) {
    const pairs: Record<string, string> = {}
    for (const part of value.split(',')) {
      if (part.trim() === '') continue
      const equals = part.indexOf('=')
      if (equals < 1) return undefined
      const decoded = decode(part.slice(equals + 1).trim())
      if (decoded === undefined) return undefined
      pairs[part.slice(0, equals).trim()] = decoded
    }
    return pairs
  },
}

/** `pg,aws-sdk`: names joined by commas, in any case. */
export const names: Form<readonly string[]> = {
  expected: 'names joined by commas',
  read: value =>
    value
      .toLowerCase()
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== ''),
}

/** The pairs above, for values that must not be shown: what is refused is not quoted. */
export const secretKeyValues: Form<Secret<Readonly<Record<string, string>>>> = {
  expected: keyValues.expected,
  read(value) {
    const pairs = keyValues.read(value)
    return pairs && new Secret(pairs)
  },
}

/** Any text, for what must not be shown. */
export const secretText: Form<Secret<string>> = {
  expected: text.expected,
  read: value => new Secret(value),
}

const SECRET_PLACE =
  'ssm:NAME, secretsmanager:NAME or the ARN of a parameter or secret, with #key for a field of JSON'

/** Where a secret is kept, not the secret. */
export const secretReference: Form<SecretReference> = {
  expected: SECRET_PLACE,
  read: parseSecretReference,
}

/** Headers, and where the value of each is kept. */
export const secretHeaders: Form<readonly SecretHeader[]> = {
  expected: `header=PLACE pairs joined by commas, each PLACE ${SECRET_PLACE}`,
  read(value) {
    const headers: SecretHeader[] = []
    for (const [name, place] of Object.entries(keyValues.read(value) ?? {})) {
      const header = parseSecretHeader(name, place)
      if (header === undefined) return undefined
      headers.push(header)
    }
    return headers.length > 0 ? headers : undefined
  },
}

/** `PACKAGE` and `PACKAGE#EXPORT`, joined by commas. */
export const packages: Form<readonly string[]> = {
  expected: 'PACKAGE or PACKAGE#EXPORT joined by commas',
  read(value) {
    const names = splitList(value)
    return names.every(name => PACKAGE_NAME.test(name)) ? names : undefined
  },
}

/** Names as npm has them: no path, so that nothing but a package can be meant. */
const PACKAGE_NAME = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*(?:#[\w$]+)?$/i

export function oneOf<T extends string>(choices: readonly T[]): Form<T> {
  return {
    expected: choices.join(' or '),
    read: value => choices.find(choice => choice.toLowerCase() === value.toLowerCase()),
  }
}

export const ratio: Form<number> = {
  expected: 'a number from 0 to 1',
  read(value) {
    // What the remote samplers are told; in their place there is the default, with its own warning.
    if (value.startsWith('endpoint=')) return 1
    const number = Number(value)
    return number >= 0 && number <= 1 ? number : undefined
  },
}

const SLOWER_THAN = 'slower-than='
const KEEP_WORDS = ['errors', 'timeouts', 'cold-starts'] as const

/** `errors,slower-than=500`: which invocations are kept. */
export const keepConditions: Form<KeepConditions> = {
  expected: `${KEEP_WORDS.join(', ')}, ${SLOWER_THAN}MILLISECONDS joined by commas`,
  read(value) {
    const known = splitList(value).filter(isKeepCondition)
    const limits = known.flatMap(part => slowerThan(part) ?? [])
    return known.length === 0
      ? undefined
      : {
          errors: known.includes('errors'),
          timeouts: known.includes('timeouts'),
          coldStarts: known.includes('cold-starts'),
          slowerThanMs: limits.length === 0 ? undefined : Math.min(...limits),
        }
  },
  leftOut: value => joinUnknown(splitList(value), isKeepCondition),
}

const isKeepCondition = (part: string): boolean =>
  KEEP_WORDS.some(word => word === part) || slowerThan(part) !== undefined

const slowerThan = (part: string): number | undefined =>
  part.startsWith(SLOWER_THAN) ? positiveInt.read(part.slice(SLOWER_THAN.length)) : undefined

/** Choices joined by commas. What is none of them is left out, so that a typing error costs no more than itself. */
export function listOf<T extends string>(choices: readonly T[]): Form<readonly T[]> {
  const form = oneOf(choices)
  return {
    expected: `${choices.join(', ')} joined by commas`,
    read(value) {
      const chosen = splitList(value).flatMap(part => form.read(part) ?? [])
      return chosen.length === 0 ? undefined : [...new Set(chosen)]
    },
    leftOut: value => joinUnknown(splitList(value), part => form.read(part) !== undefined),
  }
}

const splitList = (value: string): string[] =>
  value.split(',').flatMap(part => (part.trim() === '' ? [] : part.trim()))

function joinUnknown(
  parts: readonly string[],
  isKnown: (part: string) => boolean,
): string | undefined {
  const unknown = parts.filter(part => !isKnown(part))
  return unknown.length === 0 ? undefined : unknown.join(', ')
}

/** A choice where anything else quietly means `otherwise`: AWS's way with its own log settings. */
export function oneOfElse<T extends string>(choices: readonly T[], otherwise: NoInfer<T>): Form<T> {
  const form = oneOf(choices)
  return { expected: form.expected, read: value => form.read(value) ?? otherwise }
}

/** A value that never shows itself by accident: printed, inspected or written as JSON it is `[redacted]`. */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
    Object.defineProperty(this, Symbol.for('nodejs.util.inspect.custom'), { value: this.toString })
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return '[redacted]'
  }

  toJSON(): string {
    return '[redacted]'
  }
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
