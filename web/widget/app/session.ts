import { Api, sentence } from "../../shared/api";
import { Store } from "../../shared/store";
import type { AppOptions } from "../launcher";
import type { UserSession } from "./types";

export type SessionState =
  | { kind: "asking" }
  | { kind: "in"; session: UserSession }
  | { kind: "out"; notice: string | null }
  | { kind: "failed"; notice: string };

/** Browsers wait no longer than this in one go, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;
/** After a renewal that failed it is tried again no later than this, and no sooner than that. */
const LATEST_TRY = 60_000;
const SOONEST_TRY = 1000;

/**
 * The session of whoever looks at the page: tokens of the page are exchanged for it, and it is renewed before it ends.
 *
 * Its token is in memory only.
 */
export class SessionKeeper {
  readonly state = new Store<SessionState>({ kind: "asking" });
  /** Grows with each new session of the same user. */
  readonly renewals = new Store(0);
  private timer = 0;
  /** What the browser's clock of a page's life says when the session ends. */
  private end = 0;
  private running: Promise<boolean> | null = null;
  /** Whom the page's last token named. */
  private person = "";
  // What is begun before somebody signs out must not sign in behind it.
  private round = 0;

  constructor(private readonly api: Api, private readonly page: AppOptions) {
    api.renew = () => this.renew().catch(() => false);
    api.onSignedOut = () => this.out("Your session is over.");
  }

  close(): void {
    this.round += 1;
    window.clearTimeout(this.timer);
  }

  /** Asks the page who looks at it. */
  async enter(): Promise<void> {
    this.state.set({ kind: "asking" });
    const mine = ++this.round;
    try {
      if (!(await this.exchange(mine)) && mine === this.round) this.out(null);
    } catch (error) {
      if (mine === this.round) this.state.set({ kind: "failed", notice: sentence(error) });
    }
  }

  /** Somebody else may look at the page by now, or nobody: asks it, and ends the session of whoever was there before. */
  async check(): Promise<void> {
    const mine = this.round;
    if (this.state.value.kind !== "in") return;
    let token: string | null;
    try {
      token = await inTime(this.page.token());
    } catch {
      // A page that cannot be asked now says nothing new.
      return;
    }
    if (mine !== this.round || this.state.value.kind !== "in") return;
    const isThere = typeof token === "string" && token !== "";
    if (isThere && personOf(token as string) === this.person) return;
    void this.leave();
    if (isThere) await this.enter();
  }

  /** Ends the session; what is shown and followed goes first. */
  async leave(notice: string | null = null): Promise<void> {
    this.round += 1;
    const old = new Api(this.api.base);
    old.credential = this.api.credential;
    this.out(notice);
    if (old.credential.kind !== "none") await old.send("DELETE", "/v1/ai/session").catch(() => {});
  }

  private out(notice: string | null): void {
    window.clearTimeout(this.timer);
    this.api.credential = { kind: "none" };
    this.state.set({ kind: "out", notice });
  }

  /** Puts a new session in the place of the one there is; false when the page says that nobody is there. */
  private renew(): Promise<boolean> {
    this.running ??= this.exchange(this.round).finally(() => (this.running = null));
    return this.running;
  }

  private async exchange(mine: number): Promise<boolean> {
    const token = await inTime(this.page.token());
    if (mine !== this.round) return false;
    if (typeof token !== "string" || token === "") return false;
    const fresh = await new Api(this.api.base).post<UserSession>("/v1/ai/session", { token });
    if (mine !== this.round || fresh.token === undefined) return false;
    this.person = personOf(token);
    this.api.credential = { kind: "bearer", token: fresh.token };
    const life = fresh.expires_in * 1000;
    this.end = performance.now() + life;
    this.renewIn(life * 0.9);
    const known = this.state.value;
    // The same user goes on where they are; for another one everything is drawn anew.
    if (known.kind === "in" && same(known.session, fresh)) this.renewals.update((count) => count + 1);
    else this.state.set({ kind: "in", session: fresh });
    return true;
  }

  private renewIn(wait: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.due(), Math.min(LONGEST_WAIT, Math.max(SOONEST_TRY, wait)));
  }

  private async due(): Promise<void> {
    const mine = this.round;
    try {
      if (!(await this.renew()) && mine === this.round) await this.leave();
    } catch {
      // The page or the server cannot be asked now. Once the session is over, whatever is asked for next tries it again.
      const left = this.end - performance.now();
      if (mine === this.round && left > 0) this.renewIn(Math.min(LATEST_TRY, left / 2));
    }
  }
}

function same(one: UserSession, other: UserSession): boolean {
  const key = (session: UserSession) => JSON.stringify([session.client.id, session.client.state, session.user]);
  return key(one) === key(other);
}

/** Whom a token names (RFC 7519), as far as that can be read; whether it is true, the server says. */
function personOf(token: string): string {
  try {
    const text = atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"));
    const claims = JSON.parse(text) as Record<string, unknown>;
    return JSON.stringify([claims["iss"], claims["sub"], claims["client"]]);
  } catch {
    return "";
  }
}

/** A page that does not answer is one that cannot be asked. */
function inTime<Value>(work: Promise<Value>): Promise<Value> {
  let timer = 0;
  const late = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error("This page does not say who you are. Load it again.")), 30_000);
  });
  return Promise.race([work, late]).finally(() => window.clearTimeout(timer));
}
