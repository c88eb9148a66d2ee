// The parts of the OpenAPI document that the pages show.

export interface Schema {
  $ref?: string
  type?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  format?: string
  'x-expected'?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  maxLength?: number
  maxItems?: number
  examples?: unknown[]
}

export interface Operation {
  summary: string
  description?: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, Reply>
}

export interface Parameter {
  name: string
  in: string
  required: boolean
  description?: string
  schema: Schema
  example?: string
}

export interface Reply { description: string, headers?: Record<string, object>, content?: Record<string, Media> }

export interface Media { schema: Schema, example?: string, 'x-events'?: Record<string, string> }

export interface OpenApi {
  info: { description: string }
  components: {
    schemas: Record<string, Schema>
    parameters: Record<string, Parameter>
    responses: Record<string, Reply>
  }
  paths: Record<string, Record<string, Operation>>
}
