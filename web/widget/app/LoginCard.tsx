import { useEffect, useState } from "react";
import { CopyButton } from "../../chat/CopyButton";
import type { Api } from "../../shared/api";
import { sentence } from "../../shared/api";
import { nameOf } from "./AccountView";
import type { Login, OpenLogin } from "./types";

const POLL = 1500;
const ends: Record<Exclude<Login["state"], "pending">, string> = {
  connected: "Connected. The assistant answers through this account from now on.",
  failed: "The provider refused it.",
  expired: "The code is not valid any more.",
  cancelled: "You gave it up. Nothing changed.",
};

/** A login that waits for the user at the provider: where to go, the one-time code, and how long it holds. */
export function LoginCard({ api, open, onOver }: { api: Api; open: OpenLogin; onOver: () => void }) {
  const [login, setLogin] = useState(open.login);
  const [left, setLeft] = useState(() => remaining(open.login));
  const [error, setError] = useState<string | null>(null);
  const isPending = login.state === "pending";
  useEffect(() => {
    if (!isPending) return;
    let isHere = true;
    let timer = 0;
    const ask = async () => {
      try {
        const now = await api.get<Login>(`/v1/ai/account/login/${login.id}`);
        if (isHere) setLogin(now);
      } catch {
        // It is asked again; the countdown says for how long that makes sense.
      }
      if (isHere) timer = window.setTimeout(() => void ask(), POLL);
    };
    timer = window.setTimeout(() => void ask(), POLL);
    const tick = window.setInterval(() => setLeft(remaining(login)), 1000);
    return () => {
      isHere = false;
      window.clearTimeout(timer);
      window.clearInterval(tick);
    };
  }, [api, login.id, isPending]);
  const cancel = () => {
    setError(null);
    api.send<Login>("DELETE", `/v1/ai/account/login/${login.id}`).then(setLogin, (problem) => setError(sentence(problem)));
  };
  return (
    <section className="card login" aria-label={`Connect ${nameOf(login.provider)}`} data-state={login.state}>
      <div className="hidden" role="status">{isPending ? "" : ends[login.state as keyof typeof ends]}</div>
      {error && <p className="note bad" role="alert">{error}</p>}
      {login.state !== "pending" ? (
        <>
          <p className={`note ${login.state === "connected" ? "good" : login.state === "cancelled" ? "" : "bad"}`}>
            {ends[login.state]}{login.state === "failed" && login.reason ? ` (${login.reason})` : ""}
          </p>
          <button type="button" className="button primary" onClick={onOver}>{login.state === "connected" ? "Go on" : "Back"}</button>
        </>
      ) : (
        <>
          {open.url !== null && open.code !== null ? (
            <ol className="login-steps">
              <li>
                <p>Open this page, here or on your phone:</p>
                <div className="login-line"><a className="mono" href={open.url} target="_blank" rel="noopener noreferrer">{open.url}</a><CopyButton text={open.url} label="Copy the address" /></div>
              </li>
              <li>
                <p>Enter this code there. It is shown this once:</p>
                <div className="login-line"><span className="login-code" aria-label="One-time code">{open.code}</span><CopyButton text={open.code} label="Copy the code" /></div>
              </li>
            </ol>
          ) : <p>A login is open. Its code was shown where it was begun, once: finish it there, or give it up and begin anew.</p>}
          <div className="login-line">
            <span className="spinner" aria-hidden="true" />
            <span role="timer">{left > 0 ? `Waiting for you: ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "Its time is over"}</span>
            <span className="spacer" />
            <button type="button" className="button compact" onClick={cancel}>Give it up</button>
          </div>
        </>
      )}
    </section>
  );
}

function remaining(login: Login): number {
  return Math.max(0, Math.round((new Date(login.expires).getTime() - Date.now()) / 1000));
}
