import type { components } from './schema'

/** A type of the API by its name in the OpenAPI document. */
export type Api<Name extends keyof components['schemas']> = components['schemas'][Name]
