// What the environment says of collectors that ask for more than an address: certificates, AWS's signatures, and keys that
// AWS's stores hold.
import type {
  SecretHeader,
  SecretReference,
} from '../instrumentation/export/transports/aws/secret-reference.ts'
import type { OtlpCompression } from '../instrumentation/export/transports/otlp-body.ts'
import { aws, type Option, telemetry } from './option.ts'
import {
  httpUrl,
  oneOf,
  positiveInt,
  type Secret,
  secretHeaders,
  secretReference,
  secretText,
  text,
} from './values.ts'

export interface ExportConfig {
  readonly zipkinEndpoint: URL
  /** Milliseconds. */
  readonly zipkinTimeoutMs: number
  readonly xrayDaemonAddress: string | undefined
  readonly xrayFormat: 'segments' | 'otlp'
  readonly compression: OtlpCompression
  /** Paths of PEM files: whom to trust, and who we are. */
  readonly certificate: string | undefined
  readonly clientKey: string | undefined
  readonly clientCertificate: string | undefined
  /** AWS's name of the service that exports are signed for; X-Ray's own hosts need none. */
  readonly signedService: string | undefined
  /** Where a list of headers is kept. */
  readonly secretOtlpHeaders: SecretReference | undefined
  readonly secretHeaders: readonly SecretHeader[] | undefined
  readonly accessKeyId: Secret<string> | undefined
  readonly secretAccessKey: Secret<string> | undefined
  readonly sessionToken: Secret<string> | undefined
  /** Hands out credentials, on Managed Instances. */
  readonly credentialsUrl: URL | undefined
  readonly credentialsToken: Secret<string> | undefined
  readonly credentialsTokenFile: string | undefined
  readonly secretsManagerEndpoint: URL | undefined
  readonly ssmEndpoint: URL | undefined
}

export const EXPORT_OPTIONS: { readonly [K in keyof ExportConfig]: Option<ExportConfig[K]> } = {
  zipkinEndpoint: telemetry(
    'OTEL_EXPORTER_ZIPKIN_ENDPOINT',
    httpUrl,
    new URL('http://localhost:9411/api/v2/spans'),
  ),
  zipkinTimeoutMs: telemetry('OTEL_EXPORTER_ZIPKIN_TIMEOUT', positiveInt, 10_000),
  xrayDaemonAddress: aws('AWS_XRAY_DAEMON_ADDRESS', text, undefined),
  xrayFormat: telemetry('BATON_XRAY_FORMAT', oneOf(['segments', 'otlp']), 'segments'),
  compression: telemetry(
    ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    oneOf<OtlpCompression>(['none', 'gzip']),
    'none',
  ),
  certificate: telemetry(
    ['OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
    text,
    undefined,
  ),
  clientKey: telemetry(
    ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
    text,
    undefined,
  ),
  clientCertificate: telemetry(
    ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'],
    text,
    undefined,
  ),
  signedService: telemetry('BATON_SIGV4_SERVICE', text, undefined),
  secretOtlpHeaders: {
    ...telemetry('BATON_SECRET_OTLP_HEADERS', secretReference, undefined),
    isSecret: true,
  },
  secretHeaders: {
    ...telemetry('BATON_SECRET_HEADERS', secretHeaders, undefined),
    isSecret: true,
  },
  accessKeyId: aws('AWS_ACCESS_KEY_ID', secretText, undefined),
  secretAccessKey: aws('AWS_SECRET_ACCESS_KEY', secretText, undefined),
  sessionToken: aws('AWS_SESSION_TOKEN', secretText, undefined),
  credentialsUrl: telemetry('AWS_CONTAINER_CREDENTIALS_FULL_URI', httpUrl, undefined),
  credentialsToken: aws('AWS_CONTAINER_AUTHORIZATION_TOKEN', secretText, undefined),
  credentialsTokenFile: aws('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', text, undefined),
  secretsManagerEndpoint: telemetry(
    ['AWS_ENDPOINT_URL_SECRETS_MANAGER', 'AWS_ENDPOINT_URL'],
    httpUrl,
    undefined,
  ),
  ssmEndpoint: telemetry(['AWS_ENDPOINT_URL_SSM', 'AWS_ENDPOINT_URL'], httpUrl, undefined),
}
