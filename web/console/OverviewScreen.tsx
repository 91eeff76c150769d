import "./common";
import { Icon } from "../chat/Icon";
import { bytes, count, duration, moment } from "../shared/format";
import { useStore } from "../shared/store";
import type { LatestTickets } from "../shared/types";
import type { Finding, ServerState } from "./admin";
import { FirstRun, useFirstRun } from "./FirstRun";
import { to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { TicketRow } from "./TicketRow";
import { Loaded, useLoaded } from "./useLoaded";

/** How the server is, what runs now, what waits, and what was done last. */
export function OverviewScreen({ assistant, enter }: ScreenProps) {
  const approvals = useStore(assistant.approvals);
  const chats = useStore(assistant.chats);
  const firstRun = useFirstRun(assistant);
  const waiting = [...approvals.values()].filter((approval) => approval.state === "awaiting");
  const seesTickets = assistant.may("shell.read") && assistant.who.features.commands;
  const tickets = useLoaded<LatestTickets>(() => assistant.api.get("/v1/tickets?limit=12"), [assistant], seesTickets ? 5_000 : null, seesTickets);
  const isAdmin = assistant.may("admin");
  const server = useLoaded<ServerState>(() => assistant.api.get("/v1/admin/server"), [assistant], isAdmin ? 15_000 : null, isAdmin);
  // Others are asked once for each visit: it may take some seconds, and cost them something.
  const outside = useLoaded<ServerState>(() => assistant.api.get("/v1/admin/server?outside=1"), [assistant], null, isAdmin);
  const findings = [...(server.value?.findings ?? []), ...(outside.value?.findings ?? [])].filter((finding) => finding.verdict !== "ok" && !(firstRun.isShown && finding.name === "providers"));
  return (
    <div className="screen">
      <h1>Overview</h1>
      {firstRun.isShown && <FirstRun assistant={assistant} state={firstRun} enter={enter} />}
      <ul className="tiles">
        {seesTickets && <Tile number={tickets.value?.open_count ?? null} text="running or waiting" href={to("tickets")} tone={(tickets.value?.open_count ?? 0) > 0 ? "busy" : ""} />}
        {assistant.may("approve") && <Tile number={waiting.length} text="to be decided by you" href={to("approvals")} tone={waiting.length > 0 ? "busy" : "good"} />}
        {assistant.may("chat") && <Tile number={chats.list.filter((chat) => chat.working_turn !== null).length} text="chats at work" href={to("chats")} tone="" />}
      </ul>
      {isAdmin && <Server server={server} findings={findings} />}
      {seesTickets && (tickets.value?.open.length ?? 0) > 0 && (
        <section>
          <h2>Running and waiting now</h2>
          <div className="rows">{tickets.value?.open.map((ticket) => <TicketRow key={`${ticket.session}/${ticket.ticket}`} ticket={ticket} />)}</div>
          {tickets.value && tickets.value.open_count > tickets.value.open.length && <p className="hint">and {count(tickets.value.open_count - tickets.value.open.length, "more")}</p>}
        </section>
      )}
      {assistant.may("chat") && !firstRun.isShown && (
        <section>
          <h2>Chats</h2>
          {chats.list.length === 0 && !chats.isLoading
            ? <div className="empty"><p>Nothing was asked yet.</p><a className="button primary" href={to("chats")}><Icon name="chat" /> Ask the assistant</a></div>
            : <div className="rows">{chats.list.slice(0, 5).map((chat) => (
                <a key={chat.id} className="row" href={to("chats", chat.id)}>
                  <span className="row-main">{chat.title ?? "New chat"}</span>
                  <span className="row-side">{chat.working_turn !== null && <span className="badge busy">working</span>}<span>{moment(chat.updated)}</span></span>
                </a>
              ))}</div>}
        </section>
      )}
      {seesTickets && (
        <section>
          <h2>Latest commands</h2>
          <States loaded={tickets} isEmpty={(latest) => latest.ended.length === 0} empty={<p>No command is over yet. What the assistant, scripts and people run appears here.</p>}>
            {(latest) => <div className="rows">{latest.ended.map((ticket) => <TicketRow key={`${ticket.session}/${ticket.ticket}`} ticket={ticket} />)}</div>}
          </States>
        </section>
      )}
    </div>
  );
}

function Tile({ number, text, href, tone }: { number: number | null; text: string; href: string; tone: string }) {
  return <li><a className={`tile ${tone}`} href={href}><strong>{number === null ? "\u2013" : number.toLocaleString()}</strong> {text}</a></li>;
}

function Server({ server, findings }: { server: Loaded<ServerState>; findings: Finding[] }) {
  return (
    <section aria-label="The server">
      {findings.length > 0 && (
        <ul className="findings">
          {findings.map((finding) => (
            <li key={`${finding.name} ${finding.text}`} className={`note ${finding.verdict === "error" ? "bad" : "busy"}`}>
              <Icon name="warning" />
              <span><code className="mono">{finding.name}</code> {finding.text}{finding.hint && <><br />{finding.hint}</>}</span>
            </li>
          ))}
        </ul>
      )}
      <States loaded={server} isEmpty={() => false} empty={null}>
        {(state) => (
          <dl className="meters">
            <Meter name="Load" share={(state.load[0] ?? 0) / state.processors} text={state.load.length === 0 ? "not known" : `${state.load.map((number) => number.toFixed(2)).join("  ")} on ${count(state.processors, "processor")}`} />
            {state.memory !== null && state.memory_available !== null && <Meter name="Memory" share={1 - state.memory_available / state.memory} text={`${bytes(state.memory_available)} of ${bytes(state.memory)} available`} />}
            {state.disk !== null && state.disk_free !== null && <Meter name="Disk" share={1 - state.disk_free / state.disk} text={`${bytes(state.disk_free)} of ${bytes(state.disk)} free`} />}
            <div><dt>Up</dt><dd>{duration(state.uptime)}, version {state.version}</dd></div>
          </dl>
        )}
      </States>
    </section>
  );
}

function Meter({ name, share, text }: { name: string; share: number; text: string }) {
  const full = Math.min(1, Math.max(0, share));
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}<span className={`meter${full > 0.9 ? " full" : ""}`} aria-hidden="true"><span style={{ width: `${Math.round(full * 100)}%` }} /></span></dd>
    </div>
  );
}
