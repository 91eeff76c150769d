import { useEffect, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { CopyButton } from "../chat/CopyButton";
import { Outcome } from "./parts";
import type { Login } from "./oversight";
import { useAction } from "./useAction";

const ends: Record<string, string> = {
  connected: "The account is connected.",
  failed: "The provider refused the login. Begin again.",
  expired: "The code is not valid any more. Begin again.",
  cancelled: "The login was given up.",
};

/** A login that waits for a person: where to go, what to enter there, and how long it holds. */
export function LoginBox({ assistant, login, url, code, onOver }: {
  assistant: Assistant;
  login: Login;
  /** Both are known only where the login was begun, and only until the page is left. */
  url: string | null;
  code: string | null;
  onOver: () => void;
}) {
  const [state, setState] = useState(login);
  const [left, setLeft] = useState(() => remaining(login));
  const action = useAction();
  const isOpen = state.state === "pending";
  useEffect(() => {
    if (!isOpen) return;
    const clock = window.setInterval(() => setLeft(remaining(login)), 1000);
    let isHere = true;
    let timer = 0;
    const ask = async () => {
      try {
        const now = await assistant.api.get<Login>(`/v1/ai/account/login/${login.id}`);
        if (isHere) setState(now);
      } catch {
        // It is asked again; the countdown says how long that makes sense.
      }
      if (isHere) timer = window.setTimeout(() => void ask(), 2000);
    };
    timer = window.setTimeout(() => void ask(), 2000);
    return () => {
      isHere = false;
      window.clearInterval(clock);
      window.clearTimeout(timer);
    };
  }, [assistant, login.id, isOpen]);
  const cancel = () => void action.run(async () => {
    setState(await assistant.api.send<Login>("DELETE", `/v1/ai/account/login/${login.id}`));
    return null;
  });
  return (
    <section className="panel login" aria-label="Login" aria-live="polite">
      <Outcome action={action} />
      {!isOpen && (
        <>
          <p className={`note ${state.state === "connected" ? "good" : "bad"}`}>{ends[state.state] ?? state.state}{state.reason && state.state === "failed" ? ` (${state.reason})` : ""}</p>
          <div className="form-row"><button type="button" className="button primary" onClick={onOver}>Go on</button></div>
        </>
      )}
      {isOpen && (url !== null && code !== null ? (
        <>
          <h2>Log in at {login.provider}</h2>
          <p>1. Open this page, on any device:</p>
          <div className="login-line"><a className="mono" href={url} target="_blank" rel="noopener noreferrer">{url}</a><CopyButton text={url} label="Copy the address" /></div>
          <p>2. Enter this code there. It is shown here only, and only now:</p>
          <div className="login-line"><span className="login-code">{code}</span><CopyButton text={code} label="Copy the code" /></div>
        </>
      ) : (
        <>
          <h2>A login at {login.provider} is open</h2>
          <p>Its code was shown where it was begun, once. Finish it there, or give it up and begin anew.</p>
        </>
      ))}
      {isOpen && (
        <div className="login-line">
          <span className="spinner" aria-hidden="true" /><span role="timer">{left > 0 ? `Waits for you, ${clock(left)} left` : "Its time is over"}</span>
          <button type="button" className="button compact" disabled={action.isBusy} onClick={cancel}>Give it up</button>
        </div>
      )}
    </section>
  );
}

function remaining(login: Login): number {
  return Math.max(0, Math.round((new Date(login.expires).getTime() - Date.now()) / 1000));
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
