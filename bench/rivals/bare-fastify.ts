// A rival of the bench: fastify that replies with one job by the launcher's schema and does nothing else. Arguments:
// socket, job as JSON.

import Fastify from 'fastify'
import { PublicJob } from '../../launcher/jobs/public-job.ts'

const [socket, text] = process.argv.slice(2)
const job = JSON.parse(text!) as PublicJob
const server = Fastify()
server.get('/v1/jobs/:id', { schema: { response: { 200: PublicJob } } }, async () => job)
await server.listen({ path: socket! })
process.stdout.write('ready\n')
