// All services that are known better than by name: found by the SDK's service id, or by what a request shows.
import { bedrock } from './bedrock.ts'
import { dynamodb } from './dynamodb.ts'
import { eventbridge, scheduler } from './eventbridge.ts'
import { firehose, kinesis } from './kinesis.ts'
import { lambda } from './lambda.ts'
import { iotData, sesV1, sesV2 } from './message-fields.ts'
import { s3 } from './s3.ts'
import { secretsManager } from './secrets-manager.ts'
import type { AwsService } from './service.ts'
import { sns } from './sns.ts'
import { sqs } from './sqs.ts'
import { stepFunctions } from './step-functions.ts'

const SERVICES: readonly AwsService[] = [
  bedrock,
  dynamodb,
  eventbridge,
  firehose,
  iotData,
  kinesis,
  lambda,
  s3,
  scheduler,
  secretsManager,
  sesV1,
  sesV2,
  sns,
  sqs,
  stepFunctions,
]

const BY_ID: ReadonlyMap<string, AwsService> = new Map(SERVICES.map(each => [each.id, each]))

/** As requests are signed for, or as `api/…` in the user agent says, where that is not the service's id in lower case. */
const ID_BY_NAME: Readonly<Record<string, string>> = {
  acm: 'ACM',
  apigateway: 'API Gateway',
  apigatewaymanagementapi: 'ApiGatewayManagementApi',
  appconfigdata: 'AppConfigData',
  athena: 'Athena',
  'bedrock-agent-runtime': 'Bedrock Agent Runtime',
  'bedrock-runtime': 'Bedrock Runtime',
  bedrock: 'Bedrock Runtime',
  cloudformation: 'CloudFormation',
  cloudfront: 'CloudFront',
  cloudwatch: 'CloudWatch',
  'cloudwatch-logs': 'CloudWatch Logs',
  'cognito-identity': 'Cognito Identity',
  'cognito-identity-provider': 'Cognito Identity Provider',
  'cognito-idp': 'Cognito Identity Provider',
  comprehend: 'Comprehend',
  dynamodb: 'DynamoDB',
  'dynamodb-streams': 'DynamoDB Streams',
  ec2: 'EC2',
  ecs: 'ECS',
  email: 'SES',
  eventbridge: 'EventBridge',
  events: 'EventBridge',
  'execute-api': 'ApiGatewayManagementApi',
  firehose: 'Firehose',
  glue: 'Glue',
  iam: 'IAM',
  'iot-data-plane': 'IoT Data Plane',
  iotdata: 'IoT Data Plane',
  iotdevicegateway: 'IoT Data Plane',
  kinesis: 'Kinesis',
  kms: 'KMS',
  lambda: 'Lambda',
  logs: 'CloudWatch Logs',
  monitoring: 'CloudWatch',
  'rds-data': 'RDS Data',
  rekognition: 'Rekognition',
  s3: 'S3',
  scheduler: 'Scheduler',
  'secrets-manager': 'Secrets Manager',
  secretsmanager: 'Secrets Manager',
  ses: 'SES',
  sesv2: 'SESv2',
  sfn: 'SFN',
  sns: 'SNS',
  sqs: 'SQS',
  ssm: 'SSM',
  states: 'SFN',
  sts: 'STS',
  textract: 'Textract',
  translate: 'Translate',
}

export const findService = (id: string): AwsService | undefined => BY_ID.get(id)

/** The SDK's id of a service; the name itself where it is not known. */
export const serviceIdOf = (name: string): string =>
  (Object.hasOwn(ID_BY_NAME, name) ? ID_BY_NAME[name] : undefined) ?? name
