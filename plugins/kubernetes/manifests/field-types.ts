// Returns the fields of Kubernetes objects and their types, from the models in the Kubernetes client package.

/**
 * Field names with their types, as the models write them: `string`, `Array<V1Container>`, `{ [key: string]: string; }`.
 */
export type FieldTypes = ReadonlyMap<string, string>

interface Model {
  readonly attributeTypeMap: ReadonlyArray<{ readonly baseName: string, readonly type: string }>
}

const loaded = new Map<string, Promise<FieldTypes>>()

/**
 * `type` is V1Job, V1Service or a type that a model names. Each model is loaded once, when it is first needed: there
 * are 900.
 */
export function fieldTypes (type: string): Promise<FieldTypes> {
  const found = loaded.get(type) ?? load(type)
  loaded.set(type, found)
  return found
}

async function load (type: string): Promise<FieldTypes> {
  const models = await import(`@kubernetes/client-node/dist/gen/models/${type}.js`) as Record<string, Model>
  return new Map(models[type]!.attributeTypeMap.map(({ baseName, type }) => [baseName, type]))
}
