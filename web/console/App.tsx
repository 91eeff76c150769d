import "./common";
import { useEffect, useMemo, useState } from "react";
import { Assistant, Memory } from "../chat/assistant";
import { Icon } from "../chat/Icon";
import { useNotices } from "../chat/notices";
import { adopt, current, SignIn } from "../chat/SignIn";
import { Api, sentence } from "../shared/api";
import { useStore } from "../shared/store";
import type { SignedIn } from "../shared/types";
import { go, to, useRoute } from "./route";
import { Broken } from "./Broken";
import { ScreenFrame } from "./ScreenFrame";
import { groups, screens } from "./screens";

/** The console: signs in, and shows the screen that the address names. */
export function App({ base, memory }: { base: string; memory: Memory }) {
  const api = useMemo(() => new Api(base), [base]);
  const [state, setState] = useState<"asking" | "out" | "unreachable" | SignedIn>("asking");
  const [notice, setNotice] = useState<string | null>(null);
  const enter = (who: SignedIn) => {
    adopt(api, who);
    setNotice(null);
    setState(who);
  };
  const ask = async () => {
    setState("asking");
    try {
      const who = await current(api);
      if (who) enter(who);
      else setState("out");
    } catch (error) {
      setNotice(sentence(error));
      setState("unreachable");
    }
  };
  useEffect(() => {
    api.onSignedOut = () => {
      setNotice("Your sign-in is over. What runs goes on.");
      setState("out");
    };
    void ask();
  }, [api]);
  if (typeof state !== "string") {
    const leave = async () => {
      // First the stream is closed from here; otherwise the server cuts it.
      setState("out");
      await api.send("DELETE", "/v1/signin").catch(() => {});
      api.credential = { kind: "none" };
    };
    return <Frame key={state.sign_in.id} api={api} who={state} memory={memory} enter={enter} onLeave={() => void leave()} />;
  }
  return (
    <main className="deckhand gate">
      {state === "asking" && <p className="empty" role="status"><span className="spinner" aria-hidden="true" /></p>}
      {state === "unreachable" && (
        <div className="empty"><h1>The server cannot be reached</h1><p>{notice}</p><button type="button" className="button" onClick={() => void ask()}>Try again</button></div>
      )}
      {state === "out" && <SignIn api={api} kind="browser" notice={notice} onSignedIn={enter} />}
    </main>
  );
}

function Frame({ api, who, memory, enter, onLeave }: { api: Api; who: SignedIn; memory: Memory; enter: (who: SignedIn) => void; onLeave: () => void }) {
  const assistant = useMemo(() => new Assistant(api, who, new Memory(`deckhand.${who.operator.id}.`)), [api, who]);
  const approvals = useStore(assistant.approvals);
  const connection = useStore(assistant.feed.connection);
  const route = useRoute();
  useNotices(assistant, (approval) => go("approvals", approval.id));
  const [isMenuOpen, setMenuOpen] = useState(false);
  useEffect(() => {
    void assistant.start();
    return () => assistant.close();
  }, [assistant]);
  useEffect(() => setMenuOpen(false), [route.join("/")]);
  const waiting = [...approvals.values()].filter((approval) => approval.state === "awaiting").length;
  const { commands, applications } = who.features;
  const shown = screens.filter((screen) => (screen.permission === null || assistant.may(screen.permission)) && (screen.group !== "Business" || applications) && (screen.path !== "tickets" || commands));
  const screen = shown.find((candidate) => candidate.path === (route[0] ?? ""));
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${screen?.name ?? "Deckhand"} \u00b7 Deckhand`;
  }, [screen?.name, waiting]);
  return (
    <div className="deckhand console">
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>To the content</a>
      <header className="console-top">
        <button type="button" className="button plain icon" aria-label="Menu" aria-expanded={isMenuOpen} onClick={() => setMenuOpen(!isMenuOpen)}><Icon name="menu" /></button>
        <strong>{screen?.name ?? "Deckhand"}</strong>
        {waiting > 0 && <a className="badge busy" href={to("approvals")}>{waiting} to decide</a>}
      </header>
      <nav className={`console-side${isMenuOpen ? " open" : ""}`} aria-label="Screens">
        <p className="brand"><Icon name="anchor" /> Deckhand</p>
        {groups.map((group) => {
          const listed = shown.filter((candidate) => candidate.group === group);
          return listed.length === 0 ? null : (
            <section key={group} aria-label={group}>
              {group !== "Work" && <h2>{group}</h2>}
              <ul>
                {listed.map((candidate) => (
                  <li key={candidate.path}>
                    <a className="button plain" href={to(candidate.path)} aria-current={candidate === screen ? "page" : undefined}>
                      <Icon name={candidate.icon} /> {candidate.name}
                      {candidate.path === "approvals" && waiting > 0 && <span className="badge busy">{waiting}</span>}
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
        <div className="console-who">
          <Icon name="person" /> <span>{who.operator.name}</span>
          <button type="button" className="button plain compact" onClick={onLeave}>Sign out</button>
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        {connection === "offline" && screen?.path !== "chats" && <p className="bar" role="status"><span className="spinner" aria-hidden="true" /> The server cannot be reached. What runs goes on; it is tried again by itself.</p>}
        {screen && <Broken key={screen.path}><ScreenFrame screen={screen} props={{ assistant, memory, route: route.slice(1), enter }} /></Broken>}
        {!screen && <div className="empty"><h1>There is nothing here</h1><a className="button" href={to()}>To the overview</a></div>}
      </main>
    </div>
  );
}
