// Names of the OpenTelemetry semantic conventions that Baton uses: the one place where they are spelled. Plain
// constants, so that a bundle keeps only the strings. Stable names stand first; incubating ones may still be
// renamed upstream, and each group of them links the page to look at on an update. No deprecated name is emitted.

// Stable: https://opentelemetry.io/docs/specs/semconv/registry/attributes/
export const ATTR_CLIENT_ADDRESS = 'client.address'
export const ATTR_CODE_FUNCTION_NAME = 'code.function.name'
export const ATTR_CODE_FILE_PATH = 'code.file.path'
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

// Stable: https://opentelemetry.io/docs/specs/semconv/db/database-spans/
export const ATTR_DB_COLLECTION_NAME = 'db.collection.name'
export const ATTR_DB_OPERATION_BATCH_SIZE = 'db.operation.batch.size'
export const ATTR_DB_NAMESPACE = 'db.namespace'
export const ATTR_DB_OPERATION_NAME = 'db.operation.name'
export const ATTR_DB_QUERY_SUMMARY = 'db.query.summary'
export const ATTR_DB_QUERY_TEXT = 'db.query.text'
export const ATTR_DB_RESPONSE_STATUS_CODE = 'db.response.status_code'
export const ATTR_DB_SYSTEM_NAME = 'db.system.name'

// Stable: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
export const ATTR_HTTP_REQUEST_RESEND_COUNT = 'http.request.resend_count'

// Release candidate: https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/
export const ATTR_RPC_METHOD = 'rpc.method'
export const ATTR_RPC_RESPONSE_STATUS_CODE = 'rpc.response.status_code'
export const ATTR_RPC_SYSTEM_NAME = 'rpc.system.name'

// Incubating: https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/ and the registry's page of `aws`
export const ATTR_AWS_BEDROCK_GUARDRAIL_ID = 'aws.bedrock.guardrail.id'
export const ATTR_AWS_DYNAMODB_CONSISTENT_READ = 'aws.dynamodb.consistent_read'
export const ATTR_AWS_DYNAMODB_CONSUMED_CAPACITY = 'aws.dynamodb.consumed_capacity'
export const ATTR_AWS_DYNAMODB_COUNT = 'aws.dynamodb.count'
export const ATTR_AWS_DYNAMODB_INDEX_NAME = 'aws.dynamodb.index_name'
export const ATTR_AWS_DYNAMODB_LIMIT = 'aws.dynamodb.limit'
export const ATTR_AWS_DYNAMODB_PROJECTION = 'aws.dynamodb.projection'
export const ATTR_AWS_DYNAMODB_SCANNED_COUNT = 'aws.dynamodb.scanned_count'
export const ATTR_AWS_DYNAMODB_SCAN_FORWARD = 'aws.dynamodb.scan_forward'
export const ATTR_AWS_DYNAMODB_SEGMENT = 'aws.dynamodb.segment'
export const ATTR_AWS_DYNAMODB_SELECT = 'aws.dynamodb.select'
export const ATTR_AWS_DYNAMODB_TABLE_NAMES = 'aws.dynamodb.table_names'
export const ATTR_AWS_DYNAMODB_TOTAL_SEGMENTS = 'aws.dynamodb.total_segments'
export const ATTR_AWS_EXTENDED_REQUEST_ID = 'aws.extended_request_id'
export const ATTR_AWS_KINESIS_STREAM_NAME = 'aws.kinesis.stream_name'
export const ATTR_AWS_LAMBDA_RESOURCE_MAPPING_ID = 'aws.lambda.resource_mapping.id'
export const ATTR_AWS_REQUEST_ID = 'aws.request_id'
export const ATTR_AWS_S3_BUCKET = 'aws.s3.bucket'
export const ATTR_AWS_S3_COPY_SOURCE = 'aws.s3.copy_source'
export const ATTR_AWS_S3_KEY = 'aws.s3.key'
export const ATTR_AWS_S3_PART_NUMBER = 'aws.s3.part_number'
export const ATTR_AWS_S3_UPLOAD_ID = 'aws.s3.upload_id'
export const ATTR_AWS_SECRETSMANAGER_SECRET_ARN = 'aws.secretsmanager.secret.arn'
export const ATTR_AWS_SNS_TOPIC_ARN = 'aws.sns.topic.arn'
export const ATTR_AWS_SQS_QUEUE_URL = 'aws.sqs.queue.url'
export const ATTR_AWS_STEP_FUNCTIONS_ACTIVITY_ARN = 'aws.step_functions.activity.arn'
export const ATTR_AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN = 'aws.step_functions.state_machine.arn'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/faas/
export const ATTR_FAAS_INVOKED_NAME = 'faas.invoked_name'
export const ATTR_FAAS_INVOKED_PROVIDER = 'faas.invoked_provider'
export const ATTR_FAAS_INVOKED_REGION = 'faas.invoked_region'

// Incubating: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
export const ATTR_MESSAGING_CONSUMER_GROUP_NAME = 'messaging.consumer.group.name'
export const ATTR_MESSAGING_DESTINATION_TEMPORARY = 'messaging.destination.temporary'
export const ATTR_MESSAGING_MESSAGE_CONVERSATION_ID = 'messaging.message.conversation_id'
export const ATTR_MESSAGING_MESSAGE_ID = 'messaging.message.id'
export const ATTR_MESSAGING_OPERATION_NAME = 'messaging.operation.name'
export const ATTR_MESSAGING_OPERATION_TYPE = 'messaging.operation.type'
export const ATTR_MESSAGING_RABBITMQ_DESTINATION_ROUTING_KEY =
  'messaging.rabbitmq.destination.routing_key'
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
export const ATTR_GRAPHQL_DOCUMENT = 'graphql.document'
export const ATTR_GRAPHQL_OPERATION_NAME = 'graphql.operation.name'
export const ATTR_GRAPHQL_OPERATION_TYPE = 'graphql.operation.type'

// Incubating: https://opentelemetry.io/docs/specs/semconv/registry/attributes/aws/
export const ATTR_AWS_LOG_GROUP_NAMES = 'aws.log.group.names'
export const ATTR_AWS_LOG_STREAM_NAMES = 'aws.log.stream.names'

// Incubating: https://github.com/open-telemetry/semantic-conventions-genai
export const ATTR_GEN_AI_AGENT_NAME = 'gen_ai.agent.name'
export const ATTR_GEN_AI_CONVERSATION_ID = 'gen_ai.conversation.id'
export const ATTR_GEN_AI_EMBEDDINGS_DIMENSION_COUNT = 'gen_ai.embeddings.dimension.count'
export const ATTR_GEN_AI_INPUT_MESSAGES = 'gen_ai.input.messages'
export const ATTR_GEN_AI_OPERATION_NAME = 'gen_ai.operation.name'
export const ATTR_GEN_AI_OUTPUT_MESSAGES = 'gen_ai.output.messages'
export const ATTR_GEN_AI_OUTPUT_TYPE = 'gen_ai.output.type'
export const ATTR_GEN_AI_PROMPT_NAME = 'gen_ai.prompt.name'
export const ATTR_GEN_AI_PROVIDER_NAME = 'gen_ai.provider.name'
export const ATTR_GEN_AI_REQUEST_CHOICE_COUNT = 'gen_ai.request.choice.count'
export const ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY = 'gen_ai.request.frequency_penalty'
export const ATTR_GEN_AI_REQUEST_MAX_TOKENS = 'gen_ai.request.max_tokens'
export const ATTR_GEN_AI_REQUEST_MODEL = 'gen_ai.request.model'
export const ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY = 'gen_ai.request.presence_penalty'
export const ATTR_GEN_AI_REQUEST_SEED = 'gen_ai.request.seed'
export const ATTR_GEN_AI_REQUEST_STOP_SEQUENCES = 'gen_ai.request.stop_sequences'
export const ATTR_GEN_AI_REQUEST_STREAM = 'gen_ai.request.stream'
export const ATTR_GEN_AI_REQUEST_TEMPERATURE = 'gen_ai.request.temperature'
export const ATTR_GEN_AI_REQUEST_TOP_K = 'gen_ai.request.top_k'
export const ATTR_GEN_AI_REQUEST_TOP_P = 'gen_ai.request.top_p'
export const ATTR_GEN_AI_RESPONSE_FINISH_REASONS = 'gen_ai.response.finish_reasons'
export const ATTR_GEN_AI_RESPONSE_ID = 'gen_ai.response.id'
export const ATTR_GEN_AI_RESPONSE_MODEL = 'gen_ai.response.model'
export const ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk'
export const ATTR_GEN_AI_TOOL_CALL_ID = 'gen_ai.tool.call.id'
export const ATTR_GEN_AI_TOOL_NAME = 'gen_ai.tool.name'
export const ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.cache_read.input_tokens'
export const ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS = 'gen_ai.usage.cache_write.input_tokens'
export const ATTR_GEN_AI_USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens'
export const ATTR_GEN_AI_USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens'
export const ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = 'gen_ai.usage.reasoning.output_tokens'

// Incubating: https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
export const ATTR_JSONRPC_REQUEST_ID = 'jsonrpc.request.id'
export const ATTR_MCP_METHOD_NAME = 'mcp.method.name'
export const ATTR_MCP_RESOURCE_URI = 'mcp.resource.uri'
export const ATTR_MCP_SESSION_ID = 'mcp.session.id'
