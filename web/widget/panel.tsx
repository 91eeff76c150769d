import { useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { Assistant, Memory } from "../chat/assistant";
import { ChatView } from "../chat/ChatView";
import { History } from "../chat/History";
import { Icon } from "../chat/Icon";
import { NoticeSwitch, useNotices } from "../chat/notices";
import { ShareDialog } from "../chat/ShareDialog";
import { adopt, SignIn } from "../chat/SignIn";
import base from "../design/base.css";
import chat from "../design/chat.css";
import parts from "../design/parts.css";
import { Api, sentence } from "../shared/api";
import { useStore } from "../shared/store";
import type { SignedIn } from "../shared/types";
import { AppPanel, AppPanelHandle } from "./app/AppPanel";
import app from "./app/app.css";
import { find } from "./finding";
import { Keeping } from "./keeping";
import type { MountedPanel, PanelOptions } from "./launcher";
import panel from "./panel.css";
import { ThemePicker } from "./ThemePicker";

/** Draws the assistant into the launcher's frame. */
export function mount(root: ShadowRoot, frame: HTMLElement, options: PanelOptions): MountedPanel {
  const sheets = [base, chat, parts, panel, app].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...sheets];
  const drawn = createRoot(frame);
  const handle: AppPanelHandle = { signIn: () => {}, signOut: async () => {}, look: () => {} };
  drawn.render(options.app ? <AppPanel options={options} app={options.app} frame={frame} handle={handle} /> : <Panel options={options} frame={frame} handle={handle} />);
  const focus = () => frame.querySelector<HTMLElement>("textarea, input")?.focus();
  // What can be typed into comes when it is known who looks at the page; whoever went on by keyboard meanwhile stays there.
  const arrival = new MutationObserver(() => {
    if (!frame.querySelector("textarea, input")) return;
    arrival.disconnect();
    if (!frame.contains(root.activeElement)) focus();
  });
  arrival.observe(frame, { childList: true, subtree: true });
  return { focus: () => (handle.look(), focus()), unmount: () => (arrival.disconnect(), drawn.unmount()), signIn: () => handle.signIn(), signOut: () => handle.signOut() };
}

function Panel({ options, frame, handle }: { options: PanelOptions; frame: HTMLElement; handle: AppPanelHandle }) {
  const api = useMemo(() => new Api(options.base), [options.base]);
  const keeping = useMemo(() => new Keeping(options.base, options.isOwnOrigin), [options.base, options.isOwnOrigin]);
  const [who, setWho] = useState<SignedIn | null>(null);
  const [state, setState] = useState<"asking" | "out" | "in" | "unreachable">("asking");
  const [notice, setNotice] = useState<string | null>(null);
  // What is begun before somebody else is asked for must not sign in behind it.
  const round = useRef(0);
  const hasTyped = useRef(false);
  useEffect(() => {
    // Whoever typed name and passphrase goes on typing.
    if (state === "in" && hasTyped.current) frame.querySelector("textarea")?.focus();
    hasTyped.current = false;
  }, [state, frame]);
  const kind = options.isOwnOrigin ? "browser" : "client";
  const enter = (signedIn: SignedIn, isVouched: boolean) => {
    round.current += 1;
    adopt(api, signedIn);
    keeping.write(signedIn, isVouched);
    setNotice(null);
    setWho(signedIn);
    setState("in");
  };
  const ask = async () => {
    const mine = ++round.current;
    setState("asking");
    try {
      const found = await find(api, keeping, options, kind);
      if (mine !== round.current) return;
      if (found.who) return enter(found.who, found.isVouched);
      setNotice(found.notice);
      // Who has a name and a passphrase can go on with these.
      setState("out");
    } catch (error) {
      if (mine !== round.current) return;
      setNotice(sentence(error));
      setState("unreachable");
    }
  };
  useEffect(() => {
    api.onSignedOut = () => {
      round.current += 1;
      keeping.forget();
      setWho(null);
      setNotice("Your sign-in is over. What the assistant does goes on.");
      setState("out");
    };
    void ask();
    return keeping.whenChanged(() => void ask());
  }, [api, keeping]);
  const leave = async () => {
    // First the stream is closed from here; otherwise the server cuts it.
    round.current += 1;
    setWho(null);
    setNotice(null);
    setState("asking");
    await api.send("DELETE", "/v1/signin").catch(() => {});
    api.credential = { kind: "none" };
    keeping.forget();
    setState("out");
  };
  handle.signIn = () => void ask();
  handle.signOut = leave;
  return (
    <div className="deckhand panel">
      {state === "in" && who ? (
        <Inside key={who.sign_in.id} api={api} who={who} memory={keeping.prefix(who.operator.id)} frame={frame} options={options} onLeave={() => void leave()} />
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
              <SignIn api={api} kind={kind} notice={notice} onSignedIn={(signedIn) => {
                hasTyped.current = true;
                enter(signedIn, false);
              }} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Inside({ api, who, memory, frame, options, onLeave }: { api: Api; who: SignedIn; memory: string; frame: HTMLElement; options: PanelOptions; onLeave: () => void }) {
  const assistant = useMemo(() => new Assistant(api, who, new Memory(memory)), [api, who, memory]);
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
        <button type="button" className="button plain icon" aria-label="Close the assistant" onClick={options.close}><Icon name="close" /></button>
      </header>
      {view === "history" ? <><History assistant={assistant} onPick={() => setView("chat")} /><ThemePicker options={options} /></> : <ChatView assistant={assistant} />}
      {isSharing && open && <ShareDialog chat={open.id} assistant={assistant} onClose={() => setSharing(false)} />}
    </>
  );
}
