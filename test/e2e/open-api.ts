// Reads the operations of an OpenAPI document, with their parameters as one object schema for each place.

import type { Schema } from './schema-arbitrary.ts'

export interface Operation {
  method: string
  path: string
  pathParameters: Schema
  queryParameters: Schema
  headerParameters: Schema
  body: Schema | undefined
}

interface Parameter { name: string, in: string, required?: boolean, schema: Schema }
interface Document {
  paths: Record<string, Record<string, { parameters?: Parameter[], requestBody?: { content: Record<string, { schema: Schema }> } }>>
}

export function openApiOperations ({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
    method: method.toUpperCase(),
    path,
    pathParameters: objectOf(parameters, 'path'),
    queryParameters: objectOf(parameters, 'query'),
    headerParameters: objectOf(parameters, 'header'),
    body: requestBody?.content['application/json']?.schema
  })))
}

function objectOf (parameters: Parameter[], place: string): Schema {
  const here = parameters.filter(parameter => parameter.in === place)
  return {
    type: 'object',
    properties: Object.fromEntries(here.map(({ name, schema }) => [name, schema])),
    required: here.filter(({ required }) => required).map(({ name }) => name)
  }
}
