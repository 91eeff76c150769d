import { useEffect, useRef, useState } from "react";
import { CopyButton } from "../../chat/CopyButton";
import { Icon } from "../../chat/Icon";
import { Api, ApiError } from "../../shared/api";
import { nameOf } from "./AccountView";
import { advice, remedyOf } from "./remedies";
import type { Login, OpenLogin } from "./types";

const POLL = 1500;
/** Whoever has less than this is told that it is time, in seconds. */
const SCARCE = 60;

/** What is said of a login that is over, and the button with which it begins anew. */
const ends: Record<Exclude<Login["state"], "pending">, { words: string; again: string }> = {
  connected: { words: "Connected. The assistant answers through this account from now on.", again: "" },
  failed: { words: "It did not work.", again: "Try again" },
  expired: { words: "The code was not used in time, and is not valid any more.", again: "Get a new code" },
  cancelled: { words: "You gave it up. No account is connected.", again: "Begin again" },
};

/** A login that waits for the user at the provider: where to go, the one-time code, how long it holds, and how it ended. */
export function LoginCard({ api, open, onAgain, onEnd, onOver }: { api: Api; open: OpenLogin; onAgain: () => void; onEnd: (login: Login) => void; onOver: () => void }) {
  const [login, setLogin] = useState(open.login);
  const [end, setEnd] = useState(() => endOf(open.login));
  const [left, setLeft] = useState(() => secondsTo(end));
  const [error, setError] = useState<string | null>(null);
  const frame = useRef<HTMLElement>(null);
  const isPending = login.state === "pending";
  const isOver = left === 0;
  const name = nameOf(login.provider);
  useEffect(() => {
    if (!isPending) return;
    let isHere = true;
    let timer = 0;
    const ask = async () => {
      try {
        const now = await api.get<Login>(`/v1/ai/account/login/${login.id}`);
        if (!isHere) return;
        setLogin(now);
        setEnd(endOf(now));
      } catch (problem) {
        // What is forgotten is long over; anything else is asked again.
        if (isHere && problem instanceof ApiError && problem.status === 404) setLogin({ ...login, state: "expired" });
      }
      if (isHere) timer = window.setTimeout(() => void ask(), POLL);
    };
    timer = window.setTimeout(() => void ask(), isOver ? 0 : POLL);
    return () => {
      isHere = false;
      window.clearTimeout(timer);
    };
  }, [api, login.id, isPending, isOver]);
  useEffect(() => {
    if (!isPending) return;
    const tick = window.setInterval(() => setLeft(secondsTo(end)), 500);
    return () => window.clearInterval(tick);
  }, [end, isPending]);
  useEffect(() => {
    if (!isPending) onEnd(login);
    // The keyboard goes on where something can be done; what it stood on may be gone.
    frame.current?.querySelector<HTMLElement>(isPending ? "a, button" : ".button")?.focus();
  }, [isPending]);
  const giveUp = (then: (login: Login) => void) => {
    setError(null);
    api.send<Login>("DELETE", `/v1/ai/account/login/${login.id}`).then(then, (problem) => setError(advice(problem)));
  };
  const isKnown = open.url !== null && open.code !== null;
  return (
    <section className="login" ref={frame} aria-label={`Connect ${name}`} data-state={login.state}>
      <div className="hidden" role="status">{isPending ? "" : ends[login.state as keyof typeof ends].words}</div>
      {error && <p className="note bad" role="alert">{error}</p>}
      {login.state !== "pending" ? (
        <>
          <p className={`note ${login.state === "connected" ? "good" : login.state === "cancelled" ? "" : "bad"}`}>
            {ends[login.state].words}{login.state === "failed" ? ` ${remedyOf(login.reason) ?? "Begin again; tell whoever looks after the application if it stays so."}` : ""}
          </p>
          <div className="own-buttons">
            {login.state === "connected" ? <button type="button" className="button primary" onClick={onOver}>Go on</button> : (
              <>
                <button type="button" className="button primary" onClick={onAgain}><Icon name="retry" /> {ends[login.state].again}</button>
                <button type="button" className="button" onClick={onOver}>Not now</button>
              </>
            )}
          </div>
        </>
      ) : (
        <>
          {isKnown ? (
            <ol className="login-steps">
              <li>
                <p>Open this page, here or on your phone, and sign in to {name}:</p>
                <div className="login-line"><a className="mono" href={open.url ?? ""} target="_blank" rel="noopener noreferrer">{open.url}</a><CopyButton text={open.url ?? ""} label="Copy the address" /></div>
              </li>
              <li>
                <p>Enter this code there. It is shown this once:</p>
                <div className="login-line"><span className="login-code" aria-label="One-time code">{open.code}</span><CopyButton text={open.code ?? ""} label="Copy the code" /></div>
              </li>
            </ol>
          ) : <p>A login is open. Its code was shown where it was begun, once: finish it there, or get a new code.</p>}
          <div className="login-line login-time">
            <span className="spinner" aria-hidden="true" />
            <span role="timer" className={left <= SCARCE ? "low" : ""}>{isOver ? "Its time is over" : `Waiting for you: ${clock(left)} left`}</span>
            <span className="spacer" />
            {!isKnown && <button type="button" className="button compact" onClick={() => giveUp(onAgain)}>Get a new code</button>}
            <button type="button" className="button compact" onClick={() => giveUp(setLogin)}>Give it up</button>
          </div>
        </>
      )}
    </section>
  );
}

/** By the clock of this page's life: that of the machine may be wrong. */
function endOf(login: Login): number {
  return performance.now() + login.expires_in * 1000;
}

function secondsTo(end: number): number {
  return Math.max(0, Math.ceil((end - performance.now()) / 1000));
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
