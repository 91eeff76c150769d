import { FormEvent, useState } from "react";
import { Api, sentence } from "../shared/api";
import type { SignedIn } from "../shared/types";
import { Icon } from "./Icon";

/** Asks for name and passphrase. */
export function SignIn({ api, kind, onSignedIn, notice }: {
  api: Api;
  /** A cookie on our own pages; a token in memory on foreign ones. */
  kind: "browser" | "client";
  onSignedIn: (who: SignedIn) => void;
  notice: string | null;
}) {
  const [username, setUsername] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const who = await api.post<SignedIn>("/v1/signin", { username, passphrase, kind });
      setPassphrase("");
      onSignedIn(who);
    } catch (problem) {
      setError(sentence(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="signin" onSubmit={(event) => void submit(event)}>
      <Icon name="anchor" />
      <h2>Sign in</h2>
      {notice && <p className="note busy" role="status">{notice}</p>}
      {error && <p className="note bad" role="alert">{error}</p>}
      <label className="field">
        <span>Name</span>
        <input className="input" value={username} autoComplete="username" autoCapitalize="none" spellCheck={false} required onChange={(event) => setUsername(event.target.value)} />
      </label>
      <label className="field">
        <span>Passphrase</span>
        <input className="input" type="password" value={passphrase} autoComplete="current-password" required onChange={(event) => setPassphrase(event.target.value)} />
      </label>
      <button type="submit" className="button primary" disabled={isBusy}>{isBusy && <span className="spinner" aria-hidden="true" />} Sign in</button>
      <p className="note">The first start of the server printed both. <code>deckhand user passwd NAME</code> on the server sets a new passphrase.</p>
    </form>
  );
}

/** How this page proves who it is, once somebody signed in. */
export function adopt(api: Api, who: SignedIn): void {
  if (who.token !== undefined) api.credential = { kind: "bearer", token: who.token };
  else if (who.csrf_token !== undefined) api.credential = { kind: "cookie", csrf: who.csrf_token };
}

/** Whoever is signed in with the cookie of this origin; null for nobody. Throws when the server cannot be reached. */
export async function current(api: Api): Promise<SignedIn | null> {
  // Nobody is no error here, which browsers would report.
  return (await api.get<{ signed_in: SignedIn | null }>("/v1/signin/state")).signed_in;
}
