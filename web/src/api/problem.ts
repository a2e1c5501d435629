/** What the API says when it refuses: RFC 9457, with a stable `code`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId?: string,
  ) {
    super(detail)
    this.name = 'Problem'
  }

  /** From the body of an answer, whatever it is. */
  static from(status: number, body: unknown): Problem {
    const { code, detail, request_id } = (typeof body === 'object' && body ? body : {}) as Record<string, unknown>
    const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
    return new Problem(status, text(code) ?? `http_${status}`, text(detail) ?? '', text(request_id))
  }
}

/** The code of a refusal; `offline` if no answer came at all. */
export const codeOf = (error: unknown): string =>
  error instanceof Problem ? error.code : error instanceof TypeError ? 'offline' : 'unexpected'
