// Baton for AWS CDK: a layer for functions on provided.al2023, and an aspect that traces every function of a stack that
// runs on AWS's own Node.js.
import type { IAspect } from 'aws-cdk-lib'
import { Code, Function, LayerVersion, RuntimeFamily } from 'aws-cdk-lib/aws-lambda'
import { Construct, type IConstruct } from 'constructs'

/** What `npm run build` made: `dist/baton-x64.zip`, `dist/baton-arm64.zip` or `dist/baton-wrapper.zip`. */
export interface BatonLayerProps {
  readonly zip: string
}

/** The runtime with its Node; the function's `runtime` is `Runtime.PROVIDED_AL2023`. */
export class BatonLayer extends LayerVersion {
  constructor(scope: Construct, id: string, { zip }: BatonLayerProps) {
    super(scope, id, { code: Code.fromAsset(zip), description: 'Baton' })
  }
}

export interface BatonWrapperProps extends BatonLayerProps {
  /** Of a collector or a backend that takes OTLP over HTTP. */
  readonly endpoint: string
}

/** Adds the exec wrapper to every function with a managed Node.js runtime below what it is added to. */
export class BatonWrapper extends Construct implements IAspect {
  readonly #layer: BatonLayer
  readonly #endpoint: string

  constructor(scope: Construct, { zip, endpoint }: BatonWrapperProps) {
    super(scope, 'BatonWrapper')
    this.#layer = new BatonLayer(this, 'Layer', { zip })
    this.#endpoint = endpoint
  }

  visit(node: IConstruct): void {
    if (!(node instanceof Function) || node.runtime.family !== RuntimeFamily.NODEJS) return
    node.addLayers(this.#layer)
    node.addEnvironment('AWS_LAMBDA_EXEC_WRAPPER', '/opt/baton-wrapper')
    node.addEnvironment('OTEL_EXPORTER_OTLP_ENDPOINT', this.#endpoint)
  }
}
