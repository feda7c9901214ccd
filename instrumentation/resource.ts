// Who the spans come from. https://opentelemetry.io/docs/specs/semconv/resource/faas/
import {
  ATTR_CLOUD_PLATFORM,
  ATTR_CLOUD_PROVIDER,
  ATTR_CLOUD_REGION,
  ATTR_FAAS_INSTANCE,
  ATTR_FAAS_MAX_MEMORY,
  ATTR_FAAS_NAME,
  ATTR_FAAS_VERSION,
  ATTR_PROCESS_RUNTIME_NAME,
  ATTR_PROCESS_RUNTIME_VERSION,
  ATTR_SERVICE_NAME,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
  ATTR_TELEMETRY_SDK_LANGUAGE,
  ATTR_TELEMETRY_SDK_NAME,
  ATTR_TELEMETRY_SDK_VERSION,
} from './semconv.ts'
import type { Attributes } from './trace/attributes.ts'

export interface ResourceFacts {
  readonly functionName: string | undefined
  readonly functionVersion: string | undefined
  readonly memoryMb: string | undefined
  readonly logStreamName: string | undefined
  readonly region: string | undefined
  readonly serviceName: string | undefined
  /** The user's own attributes; they win over what was found out. */
  readonly resourceAttributes: Readonly<Record<string, string>>
  readonly version: string
  readonly nodeVersion: string
}

const BYTES_PER_MB = 1024 * 1024
const UNKNOWN_SERVICE = 'unknown_service:node'

export function describeResource(facts: ResourceFacts): Attributes {
  const memoryMb = Number(facts.memoryMb)
  return {
    [ATTR_SERVICE_NAME]: facts.functionName ?? UNKNOWN_SERVICE,
    [ATTR_CLOUD_PROVIDER]: 'aws',
    [ATTR_CLOUD_PLATFORM]: 'aws_lambda',
    [ATTR_CLOUD_REGION]: facts.region,
    [ATTR_FAAS_NAME]: facts.functionName,
    [ATTR_FAAS_VERSION]: facts.functionVersion,
    [ATTR_FAAS_INSTANCE]: facts.logStreamName,
    [ATTR_FAAS_MAX_MEMORY]: memoryMb > 0 ? memoryMb * BYTES_PER_MB : undefined,
    [ATTR_TELEMETRY_SDK_LANGUAGE]: 'nodejs',
    // `opentelemetry` is kept for OpenTelemetry's own SDK.
    [ATTR_TELEMETRY_SDK_NAME]: 'baton',
    [ATTR_TELEMETRY_SDK_VERSION]: facts.version,
    [ATTR_TELEMETRY_DISTRO_NAME]: 'baton',
    [ATTR_TELEMETRY_DISTRO_VERSION]: facts.version,
    [ATTR_PROCESS_RUNTIME_NAME]: 'nodejs',
    [ATTR_PROCESS_RUNTIME_VERSION]: facts.nodeVersion,
    ...facts.resourceAttributes,
    // OTEL_SERVICE_NAME beats service.name in OTEL_RESOURCE_ATTRIBUTES, as the specification has it.
    ...(facts.serviceName !== undefined && { [ATTR_SERVICE_NAME]: facts.serviceName }),
  }
}
