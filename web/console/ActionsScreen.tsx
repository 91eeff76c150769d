import "./common";
import { useState } from "react";
import type { Assistant } from "../chat/assistant";
import { moment } from "../shared/format";
import { NoHost } from "./HostChoice";
import { money } from "./money";
import { ActionRecord, ActionRecordList, ActionState, DeclaredAction, placed, Unit } from "./oversight";
import { PagedList } from "./PagedList";
import { Facts, Json, OutLink } from "./parts";
import { to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { path, useHosts } from "./useHosts";
import { useLoaded } from "./useLoaded";
import { usePages } from "./usePages";
import { when } from "./when";

const words: Record<ActionState, [string, string]> = {
  proposed: ["proposed", "busy"], awaiting_confirmation: ["waits for a yes", "busy"], confirmed: ["confirmed", "busy"], executing: ["under way", "busy"],
  succeeded: ["done", "good"], failed: ["failed", "bad"], declined: ["declined", ""], expired: ["expired", ""],
};

/** What the assistant proposed to business applications, and what came of it. */
export function ActionsScreen({ assistant, route: [id] }: ScreenProps) {
  return id === undefined ? <Actions assistant={assistant} /> : <ActionView key={id} assistant={assistant} id={id} />;
}

function Badge({ state }: { state: ActionState }) {
  const [word, tone] = words[state] ?? [state, ""];
  return <span className={`badge ${tone}`}><span className="dot" aria-hidden="true" />{word}</span>;
}

function Actions({ assistant }: { assistant: Assistant }) {
  const [state, setState] = useState("");
  const [declared, setDeclared] = useState<{ actions: DeclaredAction[]; unit: Unit } | null>(null);
  const hosts = useHosts(assistant);
  const pages = usePages<ActionRecord, number>(async (after) => {
    const page = await assistant.api.get<ActionRecordList>(path("/v1/admin/actions", { state, limit: 100, after }));
    setDeclared({ actions: page.catalogue, unit: page.unit });
    return { rows: page.actions, next: page.next };
  }, [assistant, state]);
  return (
    <div className="screen">
      <h1>Actions</h1>
      <p className="lead">What the assistant proposed to do in your business application. People decide in their own page; here you see what was asked, by whom, and what the application answered.</p>
      <label className="field"><span>State</span>
        <select className="select" value={state} onChange={(event) => setState(event.target.value)}>
          <option value="">All</option>
          {Object.entries(words).map(([name, [word]]) => <option key={name} value={name}>{word}</option>)}
        </select>
      </label>
      <div className={pages.rows.length > 8 ? "fixed-list" : "fit-list"}>
        <PagedList pages={pages} label="Actions" reset={state} empty={hosts.value?.length === 0 ? <NoHost /> : state !== "" ? <p>No action stands there now.</p> : <><h2>Nothing was proposed yet</h2><p>{declared?.actions.length === 0 ? <>Declare what the assistant may propose with <code>actions</code> in <code>deckhand.json5</code>.</> : "As soon as the assistant proposes one of the actions below to a user, it stands here."}</p></>} row={(action) => (
          <a className="row" href={to("actions", action.id)}>
            <span className="row-main">{titled(action, declared?.actions ?? [])} <span className="sub">{action.name ?? action.owner}</span></span>
            <span className="row-side">
              <Badge state={action.state} />
              {declared && action.price > 0 && <span>{money(action.price, declared.unit)}</span>}
              <span>{placed(action)}</span><span>{moment(action.created)}</span>
            </span>
          </a>
        )} />
      </div>
      {declared && declared.actions.length > 0 && (
        <section>
          <h2>What may be proposed</h2>
          <ul className="facts-list">
            {declared.actions.map((action) => (
              <li key={action.issuer + action.name} className="fact">
                <p><strong>{action.title}</strong> {action.title !== action.name && <code>{action.name}</code>}</p>
                <p className="hint">{action.description}</p>
                <span className="fact-side"><span>{confirmations[action.confirmation] ?? action.confirmation}</span><span>{action.price > 0 ? money(action.price, declared.unit) : "free"}</span></span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const confirmations: Record<string, string> = { always: "a person confirms it each time", never: "needs no yes, unless foreign text was read before", untrusted: "needs a yes after foreign text was read" };

function titled(action: ActionRecord, declared: DeclaredAction[]): string {
  return declared.find((one) => one.name === action.action && one.issuer === action.issuer)?.title ?? action.action;
}

function ActionView({ assistant, id }: { assistant: Assistant; id: string }) {
  const loaded = useLoaded(() => assistant.api.get<ActionRecord>(`/v1/admin/actions/${encodeURIComponent(id)}`), [assistant, id]);
  return (
    <div className="screen">
      <p className="crumbs"><a href={to("actions")}>Actions</a> / {id}</p>
      <States loaded={loaded} isEmpty={() => false} empty={null}>
        {(action) => {
          const link = linkOf(action.result);
          return (
            <>
              <div className="panel-head"><h1>{action.action}</h1><Badge state={action.state} /></div>
              {action.reason && <p className="note bad">{action.reason}</p>}
              {link && <p><OutLink href={link}>Open the result in the application</OutLink></p>}
              <Facts of={[
                ["For", <a href={to("audit", "of", action.owner)}>{action.name ?? action.owner}</a>],
                ["Where", placed(action)],
                ["Application", action.issuer],
                ["Price", action.unit ? (action.price > 0 ? money(action.price, action.unit) : "free") : String(action.price)],
                ["Proposed", when(action.created)],
                ["Decided", action.decided ? when(action.decided) : action.state === "awaiting_confirmation" ? `waits until ${when(action.expires)}` : "not by a person"],
                ["Carried out", action.executed ? when(action.executed) : "not yet"],
                ["Over", action.finished ? when(action.finished) : "not yet"],
              ]} />
              <section><h2>Input</h2><Json value={action.arguments} label="Input" /></section>
              {action.preview !== null && <section><h2>What the application said it would do</h2><Json value={action.preview} label="Preview" /></section>}
              <section><h2>Result</h2>{action.result === null ? <p className="hint">There is none{action.finished ? "" : " yet"}.</p> : <Json value={action.result} label="Result" />}</section>
              <p><a className="button" href={to("context", action.turn)}>What the assistant saw</a></p>
              <p className="hint">That you looked at this stands in the audit log.</p>
            </>
          );
        }}
      </States>
    </div>
  );
}

/** Where a person finds what was made, if the application said so. */
function linkOf(result: unknown): string | null {
  if (typeof result !== "object" || result === null) return null;
  const { link, url } = result as { link?: unknown; url?: unknown };
  const found = typeof link === "string" ? link : typeof url === "string" ? url : null;
  return found !== null && /^https?:\/\//i.test(found) ? found : null;
}
