// Why a port that is to say when its program is ready does not: clauses without a period, the same on each cluster.

export function nothingListens (port: number, address: string): string {
  return `nothing listens on port ${port} at ${address}`
}

export function answeredWith (status: number, port: number, httpPath: string): string {
  return `GET ${httpPath} on port ${port} was answered with ${status}`
}

export function noAnswerWithin (seconds: number, port: number): string {
  return `port ${port} did not answer within ${seconds} s`
}

export function noHttpReply (port: number, httpPath: string): string {
  return `port ${port} gave no HTTP reply to GET ${httpPath}`
}
