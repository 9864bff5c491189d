// The response object that the bot library writes to, and what is answered to Teams in the end.

export interface BotResponse {
  readonly status: number;
  readonly body?: unknown;
}

/** Bodies of errors are dropped: they carry raw error texts. */
export class Answered {
  socket: unknown = undefined;
  private code = 200;
  private body: unknown;
  private refused: number | undefined;

  /** Counts more than whatever the library says. */
  refuse(status: number): void {
    this.refused = status;
  }
  status(code: number): this {
    this.code = code;
    return this;
  }
  header(): this {
    return this;
  }
  send(body?: unknown): this {
    this.body = body;
    return this;
  }
  end(): this {
    return this;
  }
  response(): BotResponse {
    const status = this.refused ?? this.code;
    return status < 400 && this.body !== undefined ? { status, body: this.body } : { status };
  }
}
