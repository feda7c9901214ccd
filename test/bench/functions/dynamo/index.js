const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb')

const client = new DynamoDBClient({ endpoint: process.env.BENCH_TARGET })

exports.handler = async () => {
  const found = await client.send(
    new GetItemCommand({ TableName: 'orders', Key: { id: { S: '1' } } }),
  )
  return { statusCode: 200, body: JSON.stringify(found.Item) }
}
