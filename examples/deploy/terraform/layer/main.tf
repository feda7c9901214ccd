resource "aws_lambda_layer_version" "baton" {
  layer_name = "baton"
  filename   = "../../../../dist/baton-x64.zip"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = var.role_arn
  filename      = "orders.zip"
  handler       = "index.handler"
  runtime       = "provided.al2023"
  layers        = [aws_lambda_layer_version.baton.arn]
  environment {
    variables = { OTEL_EXPORTER_OTLP_ENDPOINT = "https://collector.example.com:4318" }
  }
}

variable "role_arn" {
  type = string
}
