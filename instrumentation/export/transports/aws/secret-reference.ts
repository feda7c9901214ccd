// Where a secret is kept, as an option says it:
//
//   arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME    secretsmanager:NAME
//   arn:aws:ssm:REGION:ACCOUNT:parameter/NAME            ssm:NAME
//
// `#key` after it takes one field of a secret that is a JSON object.

export interface SecretReference {
  readonly store: 'secretsmanager' | 'ssm'
  /** Name or ARN, as the store takes it. */
  readonly id: string
  /** Absent means the function's own. */
  readonly region: string | undefined
  readonly key: string | undefined
}

/** A header whose value is a secret, or text before one: `Bearer ssm:/token`. */
export interface SecretHeader {
  readonly name: string
  readonly prefix: string
  readonly reference: SecretReference
}

const SECRET_ARN = /^arn:aws[a-z-]*:(secretsmanager):([a-z0-9-]+):[0-9]{12}:secret:\S+$/
const PARAMETER_ARN = /^arn:aws[a-z-]*:(ssm):([a-z0-9-]+):[0-9]{12}:parameter\/\S+$/
const SHORT = /^(secretsmanager|ssm):(\S+)$/

export function parseSecretReference(text: string): SecretReference | undefined {
  const hash = text.indexOf('#')
  const place = hash === -1 ? text : text.slice(0, hash)
  const key = hash === -1 ? undefined : text.slice(hash + 1)
  if (key === '') return undefined
  const arn = SECRET_ARN.exec(place) ?? PARAMETER_ARN.exec(place)
  if (arn !== null) return { store: toStore(arn[1]), id: place, region: arn[2], key }
  const short = SHORT.exec(place)
  if (short === null) return undefined
  return { store: toStore(short[1]), id: short[2] ?? '', region: undefined, key }
}

/** The words before the last one are sent as they are. */
export function parseSecretHeader(name: string, text: string): SecretHeader | undefined {
  const at = text.lastIndexOf(' ') + 1
  const reference = parseSecretReference(text.slice(at))
  return reference && { name, prefix: text.slice(0, at), reference }
}

function toStore(name: string | undefined): SecretReference['store'] {
  return name === 'ssm' ? 'ssm' : 'secretsmanager'
}
