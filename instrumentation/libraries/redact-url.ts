// URLs as they may leave the function: no credentials, and no value of a query parameter that is likely one.
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/#url-full asks for a part of it.

const REDACTED = 'REDACTED'
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i
const SECRET_NAME =
  /signature|token|secret|passw|pwd|credential|auth|session|accesskey|api[-_]?key|^(sig|key|code|jwt)$/i

/** The same URL with secrets replaced; the parameters' names stay. */
export function redactUrl(url: string): string {
  const plain = url.includes('@') ? url.replace(CREDENTIALS, `$1${REDACTED}:${REDACTED}@`) : url
  const query = plain.indexOf('?')
  if (query === -1) return plain
  const parameters = plain.slice(query + 1).split('&')
  return `${plain.slice(0, query + 1)}${parameters.map(redactParameter).join('&')}`
}

function redactParameter(parameter: string): string {
  const equals = parameter.indexOf('=')
  return equals !== -1 && SECRET_NAME.test(parameter.slice(0, equals))
    ? `${parameter.slice(0, equals)}=${REDACTED}`
    : parameter
}
