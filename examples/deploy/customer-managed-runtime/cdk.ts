// The runtime and a function of it with AWS CDK, whose 2.276 has no construct for either: resources by their type.
import { App, CfnResource, Stack } from 'aws-cdk-lib'
import * as lambda from 'aws-cdk-lib/aws-lambda'

const app = new App()
const stack = new Stack(app, 'Orders')
const runtime = new CfnResource(stack, 'Runtime', {
  type: 'AWS::Lambda::Runtime',
  properties: { Name: 'baton' },
})
const version = new CfnResource(stack, 'Version', {
  type: 'AWS::Lambda::RuntimeVersion',
  properties: {
    RuntimeName: runtime.ref,
    Name: 'v0.1.0',
    ImageUri: `111122223333.dkr.ecr.us-east-1.amazonaws.com/baton@sha256:${'0'.repeat(64)}`,
  },
})
const alias = new CfnResource(stack, 'Prod', {
  type: 'AWS::Lambda::RuntimeAlias',
  properties: { RuntimeName: runtime.ref, Name: 'prod', RuntimeVersion: 'v0.1.0' },
})
alias.addDependency(version)

const orders = new lambda.Function(stack, 'Function', {
  runtime: new lambda.Runtime('custom', lambda.RuntimeFamily.NODEJS),
  handler: 'index.handler',
  code: lambda.Code.fromAsset('function'),
  environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com:4318' },
})
const resource = orders.node.defaultChild as lambda.CfnFunction
resource.addPropertyOverride('RuntimeConfig', {
  RuntimeArn: stack.formatArn({ service: 'lambda', resource: 'runtime', resourceName: 'baton' }),
  RuntimeAlias: 'prod',
})
resource.addDependency(alias)
