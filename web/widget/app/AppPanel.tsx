import { useEffect, useMemo, useState } from "react";
import { ChatFace, ConversationView } from "../../chat/ConversationView";
import { History } from "../../chat/History";
import { Icon } from "../../chat/Icon";
import { Api } from "../../shared/api";
import { money } from "../../shared/money";
import { useStore } from "../../shared/store";
import type { AppOptions, PanelOptions } from "../launcher";
import { AccountView } from "./AccountView";
import { ThemePicker } from "../ThemePicker";
import { UserDesk } from "./desk";
import { SessionKeeper } from "./session";
import { SeenButton, SeenDialog, ToolView, TurnCards } from "./TurnParts";
import type { UserSession } from "./types";

/** What the page can ask of the panel; filled in once it is drawn. */
export interface AppPanelHandle {
  signIn: () => void;
  signOut: () => Promise<void>;
  /** It was opened once more. */
  look: () => void;
}

/** The assistant for a user of the application in whose page it stands. */
export function AppPanel({ options, app, frame, handle }: { options: PanelOptions; app: AppOptions; frame: HTMLElement; handle: AppPanelHandle }) {
  const { api, keeper } = useMemo(() => {
    const api = new Api(options.base);
    return { api, keeper: new SessionKeeper(api, app) };
  }, [options.base, app]);
  const state = useStore(keeper.state);
  handle.signIn = () => void keeper.enter();
  handle.signOut = () => keeper.leave();
  handle.look = () => void keeper.check();
  useEffect(() => {
    void keeper.enter();
    // Who logged out in another tab comes back to this one.
    const seen = () => document.visibilityState === "visible" && !frame.hidden && void keeper.check();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      keeper.close();
    };
  }, [keeper, frame]);

  return (
    <div className="deckhand panel">
      {state.kind === "in" ? (
        <Inside key={`${state.session.client.id} ${state.session.user.id}`} api={api} keeper={keeper} session={state.session} place={app.place} frame={frame} options={options} />
      ) : (
        <>
          <header className="panel-head">
            <h2>Assistant</h2>
            <button type="button" className="button plain icon" aria-label="Close the assistant" onClick={options.close}><Icon name="close" /></button>
          </header>
          {state.kind === "asking" ? (
            <p className="empty" role="status"><span className="spinner" aria-hidden="true" /> Signing you in{"\u2026"}</p>
          ) : (
            <div className="empty" role="status">
              <Icon name="anchor" />
              <p>{state.notice ?? "Nobody is signed in. Sign in to the application, then come back here."}</p>
              <button type="button" className="button" onClick={() => void keeper.enter()}>{state.kind === "failed" ? "Try again" : "I am signed in"}</button>
            </div>
          )}
        </>
      )}
    </div>
  );
}

const prompts: [string, string][] = [
  ["What is there to do?", "What is there to do for me in the coming days?"],
  ["What can you do?", "What can you do for me here, and what may you see?"],
];

function Inside({ api, keeper, session, place, frame, options }: { api: Api; keeper: SessionKeeper; session: UserSession; place: Record<string, string>; frame: HTMLElement; options: PanelOptions }) {
  const desk = useMemo(() => new UserDesk(api, session, place), [api, session]);
  const open = useStore(desk.open);
  const chats = useStore(desk.chats);
  const wallet = useStore(desk.wallet);
  const shortage = useStore(desk.shortage);
  const asked = useStore(desk.actions).find((one) => one.state === "awaiting_confirmation");
  useStore(desk.accounts);
  const [view, setView] = useState<"chat" | "history" | "account">("chat");
  const [seen, setSeen] = useState<number | null>(null);
  useEffect(() => {
    void desk.start();
    const leave = keeper.renewals.subscribe(() => desk.feed.renew());
    return () => {
      leave();
      desk.close();
    };
  }, [desk, keeper]);
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
  const has = desk.hasAccounts || desk.may("ai.wallet");
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
            <Icon name={view === "account" ? "chat" : "person"} />{wallet && view !== "account" && <span className={wallet.available <= 0 ? "low" : ""}>{money(wallet.balance, wallet.unit)}</span>}
          </button>
        )}
        {view === "chat" && (
          <>
            <button type="button" className="button plain icon" aria-label="New chat" title="New chat" onClick={() => desk.showNone()}><Icon name="plus" /></button>
            <button type="button" className="button plain icon wide-switch" aria-label="Wider or narrower" title="Wider or narrower" onClick={() => frame.classList.toggle("wide")}><Icon name="out" /></button>
          </>
        )}
        <button type="button" className="button plain icon" aria-label="Close the assistant" onClick={options.close}><Icon name="close" /></button>
      </header>
      {shortage && view === "chat" && (
        <div className="note bad shortage" role="alert">
          <p>{shortage}</p>
          {has && <button type="button" className="button compact" onClick={() => setView("account")}>{desk.hasAccounts ? "Balance and account" : "Balance"}</button>}
        </div>
      )}
      {session.client.state === "suspended" && <p className="note busy shortage">The assistant is switched off for {session.client.name ?? session.client.id}: chats can be read only.</p>}
      {view === "history" ? <><History assistant={desk} onPick={() => setView("chat")} /><ThemePicker options={options} /></>
        : view === "account" ? <AccountView desk={desk} />
        : <ConversationView assistant={desk} face={face} waiting={asked === undefined ? "" : `The assistant asks for your yes: ${desk.titleOf(asked.action)}`} />}
      {seen !== null && <SeenDialog turn={seen} desk={desk} onClose={() => setSeen(null)} />}
    </>
  );
}
