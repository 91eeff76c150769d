import { useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { Assistant, Memory } from "../chat/assistant";
import { ChatView } from "../chat/ChatView";
import { History } from "../chat/History";
import { Icon } from "../chat/Icon";
import { NoticeSwitch, useNotices } from "../chat/notices";
import { ShareDialog } from "../chat/ShareDialog";
import { adopt, current, SignIn } from "../chat/SignIn";
import base from "../design/base.css";
import chat from "../design/chat.css";
import parts from "../design/parts.css";
import { Api, sentence } from "../shared/api";
import { useStore } from "../shared/store";
import type { SignedIn } from "../shared/types";
import { AppPanel, AppPanelHandle } from "./app/AppPanel";
import app from "./app/app.css";
import type { MountedPanel, PanelOptions } from "./launcher";
import panel from "./panel.css";

/** Draws the assistant into the launcher's frame. */
export function mount(root: ShadowRoot, frame: HTMLElement, options: PanelOptions): MountedPanel {
  const sheets = [base, chat, parts, panel, app].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...sheets];
  const drawn = createRoot(frame);
  const handle: AppPanelHandle = { signIn: () => {}, signOut: async () => {} };
  drawn.render(options.app ? <AppPanel options={options} app={options.app} frame={frame} handle={handle} /> : <Panel options={options} frame={frame} handle={handle} />);
  const focus = () => frame.querySelector<HTMLElement>("textarea, input")?.focus();
  // What can be typed into comes when it is known who looks at the page; whoever went on by keyboard meanwhile stays there.
  const arrival = new MutationObserver(() => {
    if (!frame.querySelector("textarea, input")) return;
    arrival.disconnect();
    if (!frame.contains(root.activeElement)) focus();
  });
  arrival.observe(frame, { childList: true, subtree: true });
  return { focus, unmount: () => (arrival.disconnect(), drawn.unmount()), signIn: () => handle.signIn(), signOut: () => handle.signOut() };
}

function Panel({ options, frame, handle }: { options: PanelOptions; frame: HTMLElement; handle: AppPanelHandle }) {
  const api = useMemo(() => new Api(options.base), [options.base]);
  const [who, setWho] = useState<SignedIn | null>(null);
  const [state, setState] = useState<"asking" | "out" | "in" | "unreachable">("asking");
  const [notice, setNotice] = useState<string | null>(null);
  const kind = options.isOwnOrigin ? "browser" : "client";
  const enter = (signedIn: SignedIn) => {
    adopt(api, signedIn);
    if (!options.isOwnOrigin) keepToken(signedIn);
    setNotice(null);
    setWho(signedIn);
    setState("in");
  };
  const ask = async () => {
    setState("asking");
    try {
      const known = options.isOwnOrigin ? await current(api) : await currentByToken(api);
      if (known) return enter(known);
    } catch (error) {
      setNotice(sentence(error));
      return setState("unreachable");
    }
    if (options.assertion === null) return setState("out");
    try {
      enter(await vouched(api, options.assertion, kind));
    } catch (error) {
      setNotice(sentence(error));
      // Who has a name and a passphrase can go on with these.
      setState("out");
    }
  };
  useEffect(() => {
    api.onSignedOut = () => {
      forgetToken();
      setWho(null);
      setNotice("Your sign-in is over. What the assistant does goes on.");
      setState("out");
    };
    void ask();
  }, [api]);
  const leave = async () => {
    // First the stream is closed from here; otherwise the server cuts it.
    setWho(null);
    setNotice(null);
    setState("asking");
    await api.send("DELETE", "/v1/signin").catch(() => {});
    api.credential = { kind: "none" };
    forgetToken();
    setState("out");
  };
  handle.signOut = leave;
  return (
    <div className="deckhand panel">
      {state === "in" && who ? (
        <Inside key={who.sign_in.id} api={api} who={who} frame={frame} onClose={options.close} onLeave={() => void leave()} />
      ) : (
        <>
          <header className="panel-head">
            <h2>Assistant</h2>
            <button type="button" className="button plain icon" aria-label="Close the assistant" onClick={options.close}><Icon name="close" /></button>
          </header>
          {state === "asking" && <p className="empty" role="status"><span className="spinner" aria-hidden="true" /></p>}
          {state === "unreachable" && (
            <div className="empty"><p>{notice}</p><button type="button" className="button" onClick={() => void ask()}>Try again</button></div>
          )}
          {state === "out" && (
            <div className="panel-scroll">
              {options.assertion !== null && <p className="empty"><button type="button" className="button" onClick={() => void ask()}>Continue as in this panel</button></p>}
              <SignIn api={api} kind={kind} notice={notice} onSignedIn={enter} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Inside({ api, who, frame, onClose, onLeave }: { api: Api; who: SignedIn; frame: HTMLElement; onClose: () => void; onLeave: () => void }) {
  const assistant = useMemo(() => new Assistant(api, who, new Memory(`deckhand.${who.operator.id}.`)), [api, who]);
  const open = useStore(assistant.open);
  const chats = useStore(assistant.chats);
  const approvals = useStore(assistant.approvals);
  const [view, setView] = useState<"chat" | "history">("chat");
  const [isSharing, setSharing] = useState(false);
  useEffect(() => {
    void assistant.start();
    return () => assistant.close();
  }, [assistant]);
  useNotices(assistant, (approval) => window.open(`${api.base}/app#/approvals/${approval.id}`, "deckhand-console"));
  const title = open === null ? "New chat" : open.transcript.title ?? chats.list.find((chat) => chat.id === open.id)?.title ?? "Chat";
  const waiting = [...approvals.values()].filter((approval) => approval.state === "awaiting").length;
  return (
    <>
      <header className="panel-head">
        <button type="button" className="button plain icon" aria-label={view === "history" ? "Back to the chat" : "Chats"} aria-expanded={view === "history"} onClick={() => setView(view === "history" ? "chat" : "history")}>
          <Icon name={view === "history" ? "chat" : "menu"} />
        </button>
        <h2 title={title}>{view === "history" ? who.operator.name : title}</h2>
        {view === "history" ? (
          <>
            {assistant.may("approve") && <NoticeSwitch assistant={assistant} isSmall />}
            <button type="button" className="button plain compact" onClick={onLeave}>Sign out</button>
          </>
        ) : (
          <>
            {waiting > 0 && <a className="badge busy" href={`${api.base}/app#/approvals`} target="deckhand-console">{waiting} to decide</a>}
            {open && assistant.may("share") && (
              <button type="button" className="button plain icon" aria-label="Share this chat" title="Share this chat" onClick={() => setSharing(true)}><Icon name="share" /></button>
            )}
            <button type="button" className="button plain icon" aria-label="New chat" title="New chat" onClick={() => assistant.showNone()}><Icon name="plus" /></button>
            <button type="button" className="button plain icon wide-switch" aria-label="Wider or narrower" title="Wider or narrower" onClick={() => frame.classList.toggle("wide")}><Icon name="out" /></button>
          </>
        )}
        <button type="button" className="button plain icon" aria-label="Close the assistant" onClick={onClose}><Icon name="close" /></button>
      </header>
      {view === "history" ? <History assistant={assistant} onPick={() => setView("chat")} /> : <ChatView assistant={assistant} />}
      {isSharing && open && <ShareDialog chat={open.id} assistant={assistant} onClose={() => setSharing(false)} />}
    </>
  );
}

// On a foreign page the sign-in is a token that lives as long as the tab: a cookie of another site would not be sent.
const tokenName = "deckhand.token";

function keepToken(who: SignedIn): void {
  try {
    if (who.token !== undefined) sessionStorage.setItem(tokenName, who.token);
  } catch {
    // Then it lasts until the page is left.
  }
}

function forgetToken(): void {
  try {
    sessionStorage.removeItem(tokenName);
  } catch {
    // Nothing was kept.
  }
}

/** Signs in by the page's word: it is asked who looks at it, and the server takes its answer once. */
async function vouched(api: Api, address: string, kind: "browser" | "client"): Promise<SignedIn> {
  let response: Response;
  try {
    response = await fetch(address, { method: "POST", credentials: "same-origin", cache: "no-store", redirect: "error", headers: { Accept: "application/json" } });
  } catch {
    throw new Error("This page does not say who you are; load it again.");
  }
  const said = (await response.json().catch(() => null)) as { assertion?: unknown; detail?: unknown; hint?: unknown } | null;
  if (response.ok && typeof said?.assertion === "string") {
    return api.post<SignedIn>("/v1/signin/assertion", { assertion: said.assertion, kind });
  }
  const words = [said?.detail, said?.hint].filter((text) => typeof text === "string").join(" ");
  throw new Error(words === "" ? `This page does not say who you are (${response.status}).` : words);
}

async function currentByToken(api: Api): Promise<SignedIn | null> {
  let token: string | null = null;
  try {
    token = sessionStorage.getItem(tokenName);
  } catch {
    return null;
  }
  if (token === null) return null;
  const response = await fetch(`${api.base}/v1/signin`, { headers: { Authorization: `Bearer ${token}` }, credentials: "omit" });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return { ...((await response.json()) as SignedIn), token };
}
