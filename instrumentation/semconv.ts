// Names of the OpenTelemetry semantic conventions that Baton uses: the one place where they are spelled. Plain
// constants, so that a bundle keeps only the strings. Stable names stand first; incubating ones may still be
// renamed upstream, and each group of them links the page to look at on an update. No deprecated name is emitted.

// Stable: https://opentelemetry.io/docs/specs/semconv/registry/attributes/
export const ATTR_CLIENT_ADDRESS = 'client.address'
export const ATTR_ERROR_TYPE = 'error.type'
export const ATTR_EXCEPTION_MESSAGE = 'exception.message'
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace'
export const ATTR_EXCEPTION_TYPE = 'exception.type'
export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method'
export const ATTR_HTTP_REQUEST_METHOD_ORIGINAL = 'http.request.method_original'
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code'
export const ATTR_HTTP_ROUTE = 'http.route'
export const ATTR_NETWORK_PROTOCOL_NAME = 'network.protocol.name'
export const ATTR_SERVER_ADDRESS = 'server.address'
export const ATTR_SERVER_PORT = 'server.port'
export const ATTR_SERVICE_NAME = 'service.name'
export const ATTR_TELEMETRY_DISTRO_NAME = 'telemetry.distro.name'
export const ATTR_TELEMETRY_DISTRO_VERSION = 'telemetry.distro.version'
export const ATTR_TELEMETRY_SDK_LANGUAGE = 'telemetry.sdk.language'
export const ATTR_TELEMETRY_SDK_NAME = 'telemetry.sdk.name'
export const ATTR_TELEMETRY_SDK_VERSION = 'telemetry.sdk.version'
export const ATTR_URL_FULL = 'url.full'
export const ATTR_URL_PATH = 'url.path'
export const ATTR_URL_SCHEME = 'url.scheme'
export const ATTR_USER_AGENT_ORIGINAL = 'user_agent.original'

/** Value of `http.request.method` for a method that no standard names. */
export const HTTP_REQUEST_METHOD_OTHER = '_OTHER'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/aws/
export const ATTR_AWS_LAMBDA_INVOKED_ARN = 'aws.lambda.invoked_arn'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/cloud/
export const ATTR_CLOUD_ACCOUNT_ID = 'cloud.account.id'
export const ATTR_CLOUD_PLATFORM = 'cloud.platform'
export const ATTR_CLOUD_PROVIDER = 'cloud.provider'
export const ATTR_CLOUD_REGION = 'cloud.region'
export const ATTR_CLOUD_RESOURCE_ID = 'cloud.resource_id'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/faas/
export const ATTR_FAAS_COLDSTART = 'faas.coldstart'
export const ATTR_FAAS_INSTANCE = 'faas.instance'
// Conventions 1.45 say `faas.invocation.id`; backends and every other tracer still look for this one.
export const ATTR_FAAS_INVOCATION_ID = 'faas.invocation_id'
export const ATTR_FAAS_MAX_MEMORY = 'faas.max_memory'
export const ATTR_FAAS_NAME = 'faas.name'
export const ATTR_FAAS_TRIGGER = 'faas.trigger'
export const ATTR_FAAS_VERSION = 'faas.version'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/
export const ATTR_HTTP_RESPONSE_BODY_SIZE = 'http.response.body.size'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/process/
export const ATTR_PROCESS_EXIT_CODE = 'process.exit.code'
export const ATTR_PROCESS_RUNTIME_NAME = 'process.runtime.name'
export const ATTR_PROCESS_RUNTIME_VERSION = 'process.runtime.version'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/messaging/
export const ATTR_MESSAGING_BATCH_MESSAGE_COUNT = 'messaging.batch.message_count'
export const ATTR_MESSAGING_DESTINATION_NAME = 'messaging.destination.name'
export const ATTR_MESSAGING_DESTINATION_PARTITION_ID = 'messaging.destination.partition.id'
export const ATTR_MESSAGING_KAFKA_OFFSET = 'messaging.kafka.offset'
export const ATTR_MESSAGING_MESSAGE_ID = 'messaging.message.id'
export const ATTR_MESSAGING_OPERATION_NAME = 'messaging.operation.name'
export const ATTR_MESSAGING_OPERATION_TYPE = 'messaging.operation.type'
export const ATTR_MESSAGING_SYSTEM = 'messaging.system'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/faas/
export const ATTR_FAAS_DOCUMENT_COLLECTION = 'faas.document.collection'
export const ATTR_FAAS_DOCUMENT_NAME = 'faas.document.name'
export const ATTR_FAAS_DOCUMENT_OPERATION = 'faas.document.operation'
export const ATTR_FAAS_DOCUMENT_TIME = 'faas.document.time'
export const ATTR_FAAS_TIME = 'faas.time'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/cloudevents/
export const ATTR_CLOUDEVENTS_EVENT_ID = 'cloudevents.event_id'
export const ATTR_CLOUDEVENTS_EVENT_SOURCE = 'cloudevents.event_source'
export const ATTR_CLOUDEVENTS_EVENT_TYPE = 'cloudevents.event_type'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/graphql/
export const ATTR_GRAPHQL_OPERATION_TYPE = 'graphql.operation.type'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/aws/
export const ATTR_AWS_KINESIS_STREAM_NAME = 'aws.kinesis.stream_name'
export const ATTR_AWS_LOG_GROUP_NAMES = 'aws.log.group.names'
export const ATTR_AWS_LOG_STREAM_NAMES = 'aws.log.stream.names'
export const ATTR_AWS_REQUEST_ID = 'aws.request_id'
export const ATTR_AWS_SNS_TOPIC_ARN = 'aws.sns.topic.arn'
export const ATTR_AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN = 'aws.step_functions.state_machine.arn'
