const http = require('node:http')

const url = process.env.BENCH_TARGET

function get() {
  return new Promise((resolve, reject) => {
    const request = http.get(url, response => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject)
  })
}

exports.handler = async () => {
  const first = await fetch(url)
  await first.text()
  const second = await get()
  const third = await fetch(url)
  await third.text()
  return { statusCode: 200, body: `${first.status} ${second} ${third.status}` }
}
