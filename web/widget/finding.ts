import { current } from "../chat/SignIn";
import { Api, ApiError, isOffline, sentence } from "../shared/api";
import type { SignedIn } from "../shared/types";
import type { Keeping } from "./keeping";
import type { PanelOptions } from "./launcher";

/** Who looks at the page, as far as that is known without asking a person. */
export type Found = { who: SignedIn; isVouched: boolean } | { who: null; notice: string | null };

/**
 * Finds out who looks at the page.
 *
 * Where the page itself says it, its word is asked for each time: who was signed in before may have left, and somebody else
 * have come. Throws when the server cannot be reached.
 */
export async function find(api: Api, keeping: Keeping, options: PanelOptions, kind: "browser" | "client"): Promise<Found> {
  if (options.assertion === null) {
    const known = await present(api, keeping, options.isOwnOrigin);
    return known ? { who: known, isVouched: false } : { who: null, notice: null };
  }
  const kept = keeping.read();
  try {
    const who = await vouched(options.base, await word(options.assertion), kind, kept?.token);
    return { who, isVouched: true };
  } catch (error) {
    if (isOffline(error)) throw error;
    const known = await present(api, keeping, options.isOwnOrigin);
    // Who signed in by name and passphrase stays; for whom the page spoke before, it does not speak any more.
    if (known && kept?.isVouched === false) return { who: known, isVouched: false };
    if (known) await end(options.base, known);
    keeping.forget();
    return { who: null, notice: sentence(error) };
  }
}

/** Asks the page who looks at it. */
async function word(address: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(address, { method: "POST", credentials: "same-origin", cache: "no-store", redirect: "error", headers: { Accept: "application/json" } });
  } catch {
    throw new Error("This page does not say who you are; load it again.");
  }
  const said = (await response.json().catch(() => null)) as { assertion?: unknown; detail?: unknown; hint?: unknown } | null;
  if (response.ok && typeof said?.assertion === "string") return said.assertion;
  const words = [said?.detail, said?.hint].filter((text) => typeof text === "string").join(" ");
  throw new Error(words === "" ? `This page does not say who you are (${response.status}).` : words);
}

/** Hands the page's word to the server, which takes it once; a sign-in of the same person goes on, another one is ended. */
async function vouched(base: string, assertion: string, kind: "browser" | "client", token: string | undefined): Promise<SignedIn> {
  const api = new Api(base);
  if (token !== undefined) api.credential = { kind: "bearer", token };
  const who = await api.post<SignedIn>("/v1/signin/assertion", { assertion, kind });
  return kind === "client" && who.token === undefined && token !== undefined ? { ...who, token } : who;
}

/** Whoever is signed in already; null for nobody. */
async function present(api: Api, keeping: Keeping, isOwnOrigin: boolean): Promise<SignedIn | null> {
  if (isOwnOrigin) return current(api);
  const token = keeping.read()?.token;
  if (token === undefined) return null;
  const asking = new Api(api.base);
  asking.credential = { kind: "bearer", token };
  try {
    return { ...(await asking.get<SignedIn>("/v1/signin")), token };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

async function end(base: string, who: SignedIn): Promise<void> {
  const api = new Api(base);
  if (who.token !== undefined) api.credential = { kind: "bearer", token: who.token };
  else if (who.csrf_token !== undefined) api.credential = { kind: "cookie", csrf: who.csrf_token };
  await api.send("DELETE", "/v1/signin").catch(() => {});
}
