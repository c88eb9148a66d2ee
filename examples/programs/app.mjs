// Serves one page that says which process made it, on the port in JOB_PORT, until it is stopped.

import { createServer } from 'node:http'

process.on('SIGTERM', () => process.exit(0))
const port = Number(process.env.JOB_PORT)
createServer((request, response) => {
  console.log(`${request.method} ${request.url}`)
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(`<!doctype html><title>App</title><p>Process ${process.pid} served ${request.url}</p>\n`)
}).listen(port, '127.0.0.1', () => console.log(`listening on port ${port}`))
