/** What the server refused, in words for a person (RFC 9457). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null,
    /** Seconds after which it makes sense to ask again. */
    readonly retryAfter: number | null,
  ) {
    super(message);
  }

  /** The sentence, and what to do next. */
  get sentence(): string {
    return this.hint ? `${this.message} ${this.hint}` : this.message;
  }
}

/** The server could not be reached. */
export const OFFLINE = "offline";

/** How requests prove who asks: the cookie of this origin with its CSRF token, or a bearer token held in memory. */
export type Credential =
  | { kind: "cookie"; csrf: string }
  | { kind: "bearer"; token: string }
  | { kind: "none" };

export interface RequestOptions {
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** Sent at once, also while all others wait; see `alone`. */
  isAlone?: boolean;
  /** Sent as it is, in place of JSON. */
  text?: string;
}

/** The server's routes, with the credential of whoever signed in. */
export class Api {
  credential: Credential = { kind: "none" };
  private turn: Promise<void> = Promise.resolve();
  private wasAnswered = false;
  /** Called when the server says that the sign-in is over. */
  onSignedOut: () => void = () => {};
  /** Puts a new credential in the place of one that is over; says whether there is one. */
  renew: (() => Promise<boolean>) | null = null;

  constructor(
    /** Origin and base path, without a slash at the end. */
    readonly base: string,
  ) {}

  /** Does something during which no other request is sent: while one credential takes the place of another. */
  async alone<Value>(work: () => Promise<Value>): Promise<Value> {
    await this.turn;
    let end: () => void = () => {};
    this.turn = new Promise((resolve) => (end = resolve));
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** Sends a request and gives its JSON; null for an empty answer. Throws `ApiError`. */
  async send<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.raw(method, path, options);
    const text = await response.text();
    return (text === "" ? null : JSON.parse(text)) as Answer;
  }

  get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    return this.send("GET", path, signal ? { signal } : {});
  }

  post<Answer>(path: string, body: unknown = {}): Promise<Answer> {
    return this.send("POST", path, { body });
  }

  /** Sends a request and gives the answer as it comes, once its status is a good one. Throws `ApiError`. */
  async raw(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    if (!options.isAlone) await this.turn;
    const before = this.credential;
    const response = await this.request(method, path, options);
    if (response.ok) return response;
    const problem = await explain(response);
    if (problem.status !== 401 || before.kind === "none") throw problem;
    // Another request may have been told the same, and the credential be a new one by now.
    const isRenewed = this.credential !== before || (this.renew !== null && !options.isAlone && (await this.renew()));
    if (isRenewed && this.credential.kind !== "none") {
      const second = await this.request(method, path, options);
      if (second.ok) return second;
      throw await explain(second);
    }
    this.credential = { kind: "none" };
    this.onSignedOut();
    throw problem;
  }

  /** A browser does not tell a page why it was kept from an answer: the server is there then (any page may load this file), and is another origin. */
  private async refusesOrigin(): Promise<boolean> {
    return new URL(this.base, location.href).origin !== location.origin && (await isThere(`${this.base}/widget.js`));
  }

  private async request(method: string, path: string, options: RequestOptions): Promise<Response> {
    const headers: Record<string, string> = { ...options.headers };
    const request: RequestInit = { method, headers, cache: "no-store", redirect: "error" };
    if (options.signal) request.signal = options.signal;
    if (options.body !== undefined) {
      headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(options.body);
    }
    if (options.text !== undefined) {
      headers["Content-Type"] = "application/octet-stream";
      request.body = options.text;
    }
    request.credentials = this.credential.kind === "bearer" ? "omit" : "same-origin";
    if (this.credential.kind === "bearer") headers["Authorization"] = `Bearer ${this.credential.token}`;
    if (this.credential.kind === "cookie" && method !== "GET") headers["X-CSRF-Token"] = this.credential.csrf;
    try {
      const response = await fetch(this.base + path, request);
      this.wasAnswered = true;
      return response;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      if (!this.wasAnswered && (await this.refusesOrigin())) {
        throw new ApiError(0, "origin_not_allowed", `Pages of ${location.origin} may not use this server.`, "If this page is yours, add that address to DECKHAND_CORS_ORIGINS and restart the server.", null);
      }
      throw new ApiError(0, OFFLINE, "The server cannot be reached.", "It is tried again by itself.", null);
    }
  }
}

/** Answers something, whether this page may read it or not. */
async function isThere(url: string): Promise<boolean> {
  try {
    await fetch(url, { mode: "no-cors", credentials: "omit", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

async function explain(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  try {
    const problem = (await response.json()) as Record<string, unknown>;
    const text = (name: string): string | null => (typeof problem[name] === "string" ? (problem[name] as string) : null);
    const message = text("detail") ?? text("title") ?? text("error") ?? `The server answered ${response.status}.`;
    return new ApiError(response.status, text("code") ?? "unknown", message, text("hint"), retryAfter);
  } catch {
    return new ApiError(response.status, "unknown", `The server answered ${response.status}.`, null, retryAfter);
  }
}

/** Says whether the server could not be reached. */
export function isOffline(error: unknown): boolean {
  return error instanceof ApiError && error.code === OFFLINE;
}

/** What to show for anything that was thrown. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError) return error.sentence;
  return error instanceof Error ? error.message : String(error);
}
