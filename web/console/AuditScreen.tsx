import "./common";
import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { moment } from "../shared/format";
import { AuditEntry, AuditEntryList, AuditVerdict } from "./oversight";
import { PagedList } from "./PagedList";
import { Facts, Json, Outcome } from "./parts";
import { go, to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { useAction } from "./useAction";
import { path } from "./useHosts";
import { useLoaded } from "./useLoaded";
import { usePages } from "./usePages";
import { when } from "./when";

/** Actions begin with these; a dot at the end stands for all that follow. */
const kinds: [string, string][] = [
  ["", "Everything"], ["sign_in.", "Sign-ins"], ["operator.", "Operators"], ["token.", "Tokens"], ["ticket.", "Commands"], ["approval.", "Approvals"], ["policy.", "Rules for commands"],
  ["secret.", "Secrets"], ["share.", "Shared chats"], ["user_session.", "Sessions of users"], ["client.", "Clients"], ["brand.", "Brands"], ["user.", "Grants"], ["account.", "Accounts"],
  ["wallet.", "Wallets"], ["cap.", "Caps"], ["action.", "Actions"], ["context.", "What the AI saw"], ["artifact.", "Files"], ["audit.", "The log itself"],
];

interface Filter {
  action: string;
  principal: string;
  from: string;
  until: string;
}

/** Who did what to what: read, searched, verified. */
export function AuditScreen({ assistant, route: [first, second] }: ScreenProps) {
  if (first !== undefined && first !== "of") return <EntryView key={first} assistant={assistant} id={first} />;
  return <Log key={second ?? ""} assistant={assistant} principal={second ?? ""} />;
}

function Log({ assistant, principal }: { assistant: Assistant; principal: string }) {
  const [typed, setTyped] = useState<Filter>({ action: "", principal, from: "", until: "" });
  const [filter, setFilter] = useState(typed);
  const pages = usePages<AuditEntry, number>(async (after) => {
    // One answer looks at a bounded piece of the log: where nothing fits there, the next piece is read.
    let cursor = after;
    for (;;) {
      const page: AuditEntryList = await assistant.api.get(path("/v1/admin/audit", {
        action: filter.action, principal: filter.principal, from: seconds(filter.from, 0), until: seconds(filter.until, 1), limit: 200, after: cursor,
      }));
      if (page.entries.length > 0 || page.next === null) return { rows: page.entries, next: page.next };
      cursor = page.next;
    }
  }, [assistant, filter]);
  const apply = (event: FormEvent) => {
    event.preventDefault();
    setFilter({ ...typed, principal: typed.principal.trim() });
  };
  const choose = (action: string) => {
    const next = { ...typed, action };
    setTyped(next);
    setFilter({ ...next, principal: next.principal.trim() });
  };
  const isFiltered = Object.values(filter).some((value) => value !== "");
  return (
    <div className="screen full">
      <h1>Audit log</h1>
      <Verification assistant={assistant} />
      <form className="form-row" role="search" onSubmit={apply}>
        <label className="field"><span>What</span><select className="select" value={typed.action} onChange={(event) => choose(event.target.value)}>{kinds.map(([value, name]) => <option key={value} value={value}>{name}</option>)}</select></label>
        <label className="field"><span>Who, such as operator:1</span><input className="input" value={typed.principal} onChange={(event) => setTyped({ ...typed, principal: event.target.value })} /></label>
        <label className="field"><span>From</span><input className="input" type="date" value={typed.from} onChange={(event) => setTyped({ ...typed, from: event.target.value })} /></label>
        <label className="field"><span>Until</span><input className="input" type="date" value={typed.until} onChange={(event) => setTyped({ ...typed, until: event.target.value })} /></label>
        <button type="submit" className="button">Find</button>
      </form>
      <PagedList pages={pages} label="Audit log" reset={filter} empty={isFiltered ? <><p>Nothing in the log fits.</p><button type="button" className="button" onClick={() => { const none = { action: "", principal: "", from: "", until: "" }; setTyped(none); setFilter(none); if (principal !== "") go("audit"); }}>Show everything</button></> : <p>The log is empty.</p>} row={(entry) => (
        <a className="row" href={to("audit", entry.id)}>
          <span className="row-main"><code>{entry.action}</code> <span className="sub">{entry.subject}</span></span>
          <span className="row-side"><span>{entry.principal}</span><span>{moment(entry.time)}</span><span>{entry.id}</span></span>
        </a>
      )} />
    </div>
  );
}

/** The server checks its own chain; what proves more is checked elsewhere. */
function Verification({ assistant }: { assistant: Assistant }) {
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const action = useAction();
  const verify = () => void action.run(async () => {
    setVerdict(null);
    setVerdict(await assistant.api.post<AuditVerdict>("/v1/admin/audit-verification"));
    return null;
  });
  return (
    <div className="panel">
      <div className="form-row">
        <button type="button" className="button primary" disabled={action.isBusy} onClick={verify}>{action.isBusy ? <><span className="spinner" aria-hidden="true" /> Reading every row</> : "Verify the log now"}</button>
        <a className="button" href={`${assistant.api.base}/v1/admin/audit-checkpoints`} download="checkpoints.jsonl">Checkpoints</a>
        <a className="button" href={`${assistant.api.base}/v1/admin/audit-key`} download="deckhand-audit.pem">Public key</a>
      </div>
      <Outcome action={action} />
      <div role="status" className="outcome">
        {verdict && (verdict.intact
          ? <p className="note good">{verdict.rows.toLocaleString()} rows, from {verdict.first} to {verdict.last}, are as they were written, and {verdict.checkpoints} signed checkpoints agree.{verdict.cut !== null ? ` Rows up to ${verdict.cut} were removed on purpose, behind a signed cut.` : ""}</p>
          : <p className="note bad">The log is not as it was written. {verdict.fault?.row !== null ? `Row ${verdict.fault?.row}: ` : ""}{verdict.fault?.reason}. Keep a copy of the database, and compare it with the checkpoints that you shipped.</p>)}
      </div>
      <p className="hint">Each row is chained to the one before. Keep checkpoints and key somewhere else: with them <code>deckhand audit verify</code> proves on another machine what this server alone cannot.</p>
    </div>
  );
}

function EntryView({ assistant, id }: { assistant: Assistant; id: string }) {
  const loaded = useLoaded(() => assistant.api.get<AuditEntry>(`/v1/admin/audit/${encodeURIComponent(id)}`), [assistant, id]);
  return (
    <div className="screen">
      <p className="crumbs"><a href={to("audit")}>Audit log</a> / {id}</p>
      <States loaded={loaded} isEmpty={() => false} empty={null}>
        {(entry) => (
          <>
            <h1><code>{entry.action}</code></h1>
            <Facts of={[
              ["Who", <a href={to("audit", "of", entry.principal)}>{entry.principal}</a>], ["To what", entry.subject],
              ["When", when(entry.time)], ["Row", String(entry.id)],
              ["Hash in the chain", <span className="mono">{entry.hash}</span>],
            ]} />
            <section><h2>Details</h2><Json value={parsed(entry.detail)} label="Details" /></section>
          </>
        )}
      </States>
    </div>
  );
}

function parsed(detail: string): unknown {
  try {
    return JSON.parse(detail);
  } catch {
    return detail;
  }
}

/** Midnight of a day, here, in seconds since 1970, some days on. */
function seconds(day: string, on: number): number | null {
  if (day === "") return null;
  const time = new Date(`${day}T00:00:00`);
  time.setDate(time.getDate() + on);
  return Math.floor(time.getTime() / 1000);
}
