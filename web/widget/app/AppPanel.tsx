import { useEffect, useMemo, useRef, useState } from "react";
import { ChatFace, ConversationView } from "../../chat/ConversationView";
import { History } from "../../chat/History";
import { Icon } from "../../chat/Icon";
import { Api, sentence } from "../../shared/api";
import { money } from "../../shared/money";
import { useStore } from "../../shared/store";
import type { AppOptions, PanelOptions } from "../launcher";
import { AccountView } from "./AccountView";
import { UserDesk } from "./desk";
import { SeenButton, SeenDialog, ToolView, TurnCards } from "./TurnParts";
import type { UserSession } from "./types";

/** What the page can ask of the panel; filled in once it is drawn. */
export interface AppPanelHandle {
  signIn: () => void;
  signOut: () => Promise<void>;
}

/** Browsers wait no longer than this in one go, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** The assistant for a user of the application in whose page it stands. */
export function AppPanel({ options, app, frame, handle }: { options: PanelOptions; app: AppOptions; frame: HTMLElement; handle: AppPanelHandle }) {
  const api = useMemo(() => new Api(options.base), [options.base]);
  const [session, setSession] = useState<UserSession | null>(null);
  const [state, setState] = useState<"asking" | "in" | "out" | "failed">("asking");
  const [notice, setNotice] = useState<string | null>(null);
  const renewal = useRef(0);
  const running = useRef<Promise<boolean> | null>(null);
  // What is begun before somebody signs out must not sign in behind it.
  const round = useRef(0);

  const out = (text: string | null) => {
    window.clearTimeout(renewal.current);
    api.credential = { kind: "none" };
    setSession(null);
    setNotice(text);
    setState("out");
  };
  /** Exchanges a token of the page for a session; false when the page says that nobody is there. */
  const exchange = async (): Promise<boolean> => {
    const mine = ++round.current;
    const token = await app.token();
    if (mine !== round.current) return false;
    if (typeof token !== "string" || token === "") return false;
    const fresh = await new Api(options.base).post<UserSession>("/v1/ai/session", { token });
    if (mine !== round.current || fresh.token === undefined) return false;
    api.credential = { kind: "bearer", token: fresh.token };
    // The same user goes on where they are; for another one everything is drawn anew.
    setSession((known) => (known && same(known, fresh) ? known : fresh));
    const life = new Date(fresh.expires).getTime() - Date.now();
    window.clearTimeout(renewal.current);
    renewal.current = window.setTimeout(() => void renew(), Math.min(LONGEST_WAIT, Math.max(1000, life * 0.9)));
    return true;
  };
  const renew = (): Promise<boolean> => {
    running.current ??= exchange().catch(() => false).finally(() => (running.current = null));
    return running.current;
  };
  const enter = async () => {
    setState("asking");
    setNotice(null);
    try {
      if (await exchange()) setState("in");
      else out(null);
    } catch (error) {
      setNotice(sentence(error));
      setState("failed");
    }
  };
  const leave = async () => {
    round.current += 1;
    const old = new Api(options.base);
    old.credential = api.credential;
    // First all that is shown and followed here goes, then the session.
    out(null);
    if (old.credential.kind !== "none") await old.send("DELETE", "/v1/ai/session").catch(() => {});
  };
  handle.signIn = () => void enter();
  handle.signOut = leave;
  useEffect(() => {
    api.renew = renew;
    api.onSignedOut = () => out("Your session is over.");
    void enter();
    return () => window.clearTimeout(renewal.current);
  }, [api]);

  return (
    <div className="deckhand panel">
      {state === "in" && session ? (
        <Inside key={`${session.client.id} ${session.user.id}`} api={api} session={session} place={app.place} frame={frame} onClose={options.close} />
      ) : (
        <>
          <header className="panel-head">
            <h2>Assistant</h2>
            <button type="button" className="button plain icon" aria-label="Close the assistant" onClick={options.close}><Icon name="close" /></button>
          </header>
          {state === "asking" || state === "in" ? (
            <p className="empty" role="status"><span className="spinner" aria-hidden="true" /> Signing you in{"\u2026"}</p>
          ) : (
            <div className="empty" role="status">
              <Icon name="anchor" />
              <p>{notice ?? "Nobody is signed in. Sign in to the application, then come back here."}</p>
              <button type="button" className="button" onClick={() => void enter()}>{state === "failed" ? "Try again" : "I am signed in"}</button>
            </div>
          )}
        </>
      )}
    </div>
  );
}

function same(one: UserSession, other: UserSession): boolean {
  const key = (session: UserSession) => JSON.stringify([session.client.id, session.user]);
  return key(one) === key(other);
}

const prompts: [string, string][] = [
  ["What is there to do?", "What is there to do for me in the coming days?"],
  ["What can you do?", "What can you do for me here, and what may you see?"],
];

function Inside({ api, session, place, frame, onClose }: { api: Api; session: UserSession; place: Record<string, string>; frame: HTMLElement; onClose: () => void }) {
  const desk = useMemo(() => new UserDesk(api, session, place), [api, session]);
  const open = useStore(desk.open);
  const chats = useStore(desk.chats);
  const wallet = useStore(desk.wallet);
  const shortage = useStore(desk.shortage);
  const [view, setView] = useState<"chat" | "history" | "account">("chat");
  const [seen, setSeen] = useState<number | null>(null);
  useEffect(() => {
    void desk.start();
    return () => desk.close();
  }, [desk]);
  const face = useMemo<ChatFace>(() => ({
    placeholder: "Ask or tell what to do\u2026",
    welcome: "The assistant sees what you may see, and does nothing in your name before you say yes.",
    noModel: null,
    prompts,
    tool: (piece, turn, isWorking) => <ToolView piece={piece} turn={turn} desk={desk} isWorking={isWorking} />,
    cards: (turn) => <TurnCards turn={turn} desk={desk} />,
    buttons: (turn) => <SeenButton turn={turn} onOpen={setSeen} />,
  }), [desk]);
  const title = open === null ? "New chat" : open.transcript.title ?? chats.list.find((chat) => chat.id === open.id)?.title ?? "Chat";
  const has = desk.may("ai.account") || desk.may("ai.wallet");
  const toggle = (name: "history" | "account") => setView(view === name ? "chat" : name);
  return (
    <>
      <header className="panel-head">
        <button type="button" className="button plain icon" aria-label={view === "history" ? "Back to the chat" : "Chats"} aria-expanded={view === "history"} onClick={() => toggle("history")}>
          <Icon name={view === "history" ? "chat" : "menu"} />
        </button>
        <h2 title={title}>{view === "history" ? "Chats" : view === "account" ? "Account" : title}</h2>
        {has && (
          <button type="button" className="button plain compact who" aria-label={view === "account" ? "Back to the chat" : wallet ? `Account, ${money(wallet.balance, wallet.unit)} left` : "Account"} aria-expanded={view === "account"} onClick={() => toggle("account")}>
            <Icon name={view === "account" ? "chat" : "person"} />{wallet && <span className={wallet.available <= 0 ? "low" : ""}>{money(wallet.balance, wallet.unit)}</span>}
          </button>
        )}
        {view === "chat" && (
          <>
            <button type="button" className="button plain icon" aria-label="New chat" title="New chat" onClick={() => desk.showNone()}><Icon name="plus" /></button>
            <button type="button" className="button plain icon wide-switch" aria-label="Wider or narrower" title="Wider or narrower" onClick={() => frame.classList.toggle("wide")}><Icon name="out" /></button>
          </>
        )}
        <button type="button" className="button plain icon" aria-label="Close the assistant" onClick={onClose}><Icon name="close" /></button>
      </header>
      {shortage && view === "chat" && (
        <div className="note bad shortage" role="alert">
          <p>{shortage}</p>
          {has && <button type="button" className="button compact" onClick={() => setView("account")}>{desk.may("ai.account") ? "Balance and account" : "Balance"}</button>}
        </div>
      )}
      {session.client.state === "suspended" && <p className="note busy shortage">The assistant is switched off for {session.client.name ?? session.client.id}: chats can be read only.</p>}
      {view === "history" ? <History assistant={desk} onPick={() => setView("chat")} />
        : view === "account" ? <AccountView desk={desk} />
        : <ConversationView assistant={desk} face={face} />}
      {seen !== null && <SeenDialog turn={seen} desk={desk} onClose={() => setSeen(null)} />}
    </>
  );
}
