import { FormEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Assistant, LiveTicket } from "../chat/assistant";
import { ApprovalBox } from "../chat/ApprovalBox";
import { CopyButton } from "../chat/CopyButton";
import { Icon } from "../chat/Icon";
import { Lines } from "../chat/Output";
import { sentence } from "../shared/api";
import { bytes, count, duration } from "../shared/format";
import type { Session, SessionList, Ticket, TicketList } from "../shared/types";
import { isOver } from "../shared/types";
import { go, to } from "./route";
import { Problem, States } from "./States";
import { TicketRow, TicketState } from "./TicketRow";
import { useLoaded } from "./useLoaded";
import { VirtualList } from "./VirtualList";
import type { ScreenProps } from "./screens";

/** Sessions, the tickets of one, or one ticket as in a terminal. */
export function TicketsScreen({ assistant, route: [session, number] }: ScreenProps) {
  if (session === undefined) return <Sessions assistant={assistant} />;
  if (number === undefined) return <Tickets key={session} assistant={assistant} session={session} />;
  return <TicketView key={`${session}/${number}`} assistant={assistant} session={session} number={Number(number)} />;
}

function Sessions({ assistant }: { assistant: Assistant }) {
  const loaded = useLoaded(() => pages<Session, SessionList>((after) => `/v1/sessions?limit=200${after}`, assistant, (page) => page.sessions), [assistant]);
  const [search, setSearch] = useState("");
  return (
    <div className="screen">
      <h1>Tickets</h1>
      <p className="lead">Every command is a ticket in a session. A session keeps the order, and its tickets stay over restarts of the server.</p>
      {assistant.may("shell.run") && <NewTicket assistant={assistant} session={null} />}
      <label className="field"><span>Find a session</span><input className="input" type="search" value={search} onChange={(event) => setSearch(event.target.value)} /></label>
      <States loaded={loaded} isEmpty={(all) => all.length === 0} empty={<p>There is no session yet. Run a command above, or let the assistant do it.</p>}>
        {(all) => {
          const found = all.filter((session) => session.name.includes(search.trim()));
          return found.length === 0 ? <p className="empty">No session has this in its name.</p> : (
            <div className="rows">
              {found.slice(0, 500).map((session) => (
                <a key={session.id} className="row" href={to("tickets", session.name)}>
                  <span className="row-main">{session.name}</span>
                  <span className="row-side"><span>{session.mode}</span><span>{count(session.last_ticket, "ticket")}</span><span>{session.created_by}</span></span>
                </a>
              ))}
            </div>
          );
        }}
      </States>
    </div>
  );
}

/** Reads up to five pages. */
async function pages<Item, Page extends { next: number | null }>(path: (after: string) => string, assistant: Assistant, items: (page: Page) => Item[]): Promise<Item[]> {
  const all: Item[] = [];
  let after = "";
  for (let round = 0; round < 5; round++) {
    const page = await assistant.api.get<Page>(path(after));
    all.push(...items(page));
    if (page.next === null) break;
    after = `&after=${page.next}`;
  }
  return all;
}

function Tickets({ assistant, session }: { assistant: Assistant; session: string }) {
  const path = `/v1/sessions/${encodeURIComponent(session)}`;
  const known = useLoaded(() => assistant.api.get<Session>(path), [assistant, session], 5_000);
  return (
    <div className="screen full">
      <p className="crumbs"><a href={to("tickets")}>Tickets</a></p>
      <h1>{session}</h1>
      {assistant.may("shell.run") && <NewTicket assistant={assistant} session={session} />}
      <States loaded={known} isEmpty={(value) => value.last_ticket === 0} empty={<p>No command was run in this session yet.</p>}>
        {(value) => <Virtual assistant={assistant} session={session} last={value.last_ticket} />}
      </States>
    </div>
  );
}

/** Newest first; only what is on the screen is read and drawn, so that 100,000 tickets stay smooth. */
function Virtual({ assistant, session, last }: { assistant: Assistant; session: string; last: number }) {
  const [range, setRange] = useState({ first: 0, end: 20 });
  const [known, setKnown] = useState<Map<number, Ticket>>(new Map());
  const asked = useRef(new Set<number>());
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const newest = last - range.first;
  const oldest = Math.max(1, last - range.end + 1);
  useEffect(() => {
    let isCurrent = true;
    const timer = window.setTimeout(async () => {
      // Pages of a hundred, by number; those that may still change are read again.
      for (let page = Math.floor((newest - 1) / 100); page >= Math.floor((oldest - 1) / 100); page--) {
        if (!isCurrent) return;
        if (asked.current.has(page) && (page + 1) * 100 < last - 100) continue;
        asked.current.add(page);
        try {
          const answer = await assistant.api.get<TicketList>(`/v1/sessions/${encodeURIComponent(session)}/tickets?after=${page * 100}&limit=100`);
          setError(null);
          setKnown((before) => {
            const next = new Map(before);
            for (const ticket of answer.tickets) next.set(ticket.ticket, ticket);
            return next;
          });
        } catch (problem) {
          asked.current.delete(page);
          if (isCurrent) setError(sentence(problem));
        }
      }
    }, 60);
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [assistant, session, oldest, newest, last, round]);
  return (
    <>
      {error && <Problem error={error} onRetry={() => setRound(round + 1)} />}
      <VirtualList
        count={last}
        label={count(last, "ticket")}
        onRange={(first, end) => setRange({ first, end })}
        row={(index) => {
          const ticket = known.get(last - index);
          return ticket ? <TicketRow ticket={ticket} /> : <a className="row" href={to("tickets", session, last - index)}><span className="row-main">{session}/{last - index}</span></a>;
        }}
      />
    </>
  );
}

function NewTicket({ assistant, session }: { assistant: Assistant; session: string | null }) {
  const [command, setCommand] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (command.trim() === "") return;
    setBusy(true);
    setError(null);
    try {
      const name = session ?? `console-${assistant.who.operator.name}`;
      const ticket = await assistant.api.post<Ticket>(`/v1/sessions/${encodeURIComponent(name)}/tickets`, { command });
      go("tickets", ticket.session, ticket.ticket);
    } catch (problem) {
      setError(sentence(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="command-line" onSubmit={(event) => void submit(event)}>
      <label className="hidden" htmlFor="command">Command</label>
      <input id="command" className="input mono" value={command} placeholder="uname -a" autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setCommand(event.target.value)} />
      <button type="submit" className="button primary" disabled={isBusy || command.trim() === ""}>Run</button>
      {error && <p className="note bad" role="alert">{error}</p>}
    </form>
  );
}

function TicketView({ assistant, session, number }: { assistant: Assistant; session: string; number: number }) {
  const [live, setLive] = useState<LiveTicket | null>(null);
  const [search, setSearch] = useState("");
  const frame = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const { store, leave } = assistant.watch(session, number);
    setLive({ ...store.value });
    const end = store.subscribe(() => setLive({ ...store.value }));
    return () => {
      end();
      leave();
    };
  }, [assistant, session, number]);
  useEffect(() => {
    const element = frame.current;
    if (element && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [live?.version]);
  const ticket = live?.ticket ?? null;
  const lines = useMemo(() => live?.output.lines ?? [], [live?.version]);
  const wanted = search.trim().toLowerCase();
  const shown = wanted === "" ? lines : lines.filter((line) => line.map((span) => span.text).join("").toLowerCase().includes(wanted));
  const path = `${assistant.api.base}/v1/sessions/${encodeURIComponent(session)}/tickets/${number}`;
  if (live?.isGone) {
    return <div className="screen empty"><h1>There is no such ticket</h1><p>It was never there, or it was pruned by age.</p><a className="button" href={to("tickets", session)}>To the session</a></div>;
  }
  return (
    <div className="screen full">
      <p className="crumbs"><a href={to("tickets")}>Tickets</a> / <a href={to("tickets", session)}>{session}</a></p>
      <h1 className="hidden">Ticket {session}/{number}</h1>
      <div className="terminal-head">
        <pre className="mono">{ticket?.command ?? "\u2026"}</pre>
        {ticket && <CopyButton text={ticket.command} label="Copy the command" />}
      </div>
      <div className="card-state">
        {ticket ? <TicketState ticket={ticket} /> : <span className="spinner" role="status" aria-label="Reading" />}
        {ticket?.duration != null && <span>{duration(ticket.duration)}</span>}
        {ticket && <span>{bytes(ticket.output_bytes)}</span>}
        {ticket && <span>by {ticket.submitted_by}</span>}
        {ticket?.notes?.map((note) => <span key={note}>{note}</span>)}
        <span className="spacer" />
        <label className="output-search"><span className="hidden">Find in the output</span><input className="input" type="search" placeholder="Find" value={search} onChange={(event) => setSearch(event.target.value)} /></label>
        <a className="button plain compact" href={`${path}/output`} download={`${session}-${number}.txt`}><Icon name="down" /> Output</a>
        {ticket && !isOver(ticket.state) && (
          <button type="button" className="button danger compact" onClick={() => void assistant.cancelTicket(session, number)}><Icon name="stop" /> End it</button>
        )}
      </div>
      {ticket?.state === "awaiting_approval" && ticket.approval && <article className="card asks"><ApprovalBox id={ticket.approval.id} assistant={assistant} /></article>}
      <div
        className="terminal"
        ref={frame}
        tabIndex={0}
        role="log"
        aria-label="Output"
        onScroll={() => {
          const element = frame.current;
          if (element) isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
        }}
      >
        {live && live.output.omitted > 0 && <p className="marker">{count(live.output.omitted, "earlier line")} not shown; the download has all.</p>}
        <pre className="output"><Lines lines={shown} /></pre>
        {ticket && isOver(ticket.state) && lines.length === 0 && <p className="marker">It printed nothing.</p>}
        {wanted !== "" && shown.length === 0 && <p className="marker">No line has this.</p>}
      </div>
      {ticket?.interactive && ticket.state === "running" && assistant.may("shell.input") && <TicketInput assistant={assistant} session={session} number={number} />}
    </div>
  );
}

function TicketInput({ assistant, session, number }: { assistant: Assistant; session: string; number: number }) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  const send = async (body: Record<string, unknown>) => {
    setError(null);
    try {
      await assistant.api.post(`/v1/sessions/${encodeURIComponent(session)}/tickets/${number}/input`, body);
      setText("");
    } catch (problem) {
      setError(sentence(problem));
    }
  };
  return (
    <form className="command-line" onSubmit={(event) => { event.preventDefault(); void send({ text: `${text}\n` }); }}>
      <label className="hidden" htmlFor="ticket-input">Input for the command</label>
      <input id="ticket-input" className="input mono" value={text} placeholder="Type into the command" autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setText(event.target.value)} />
      <button type="submit" className="button">Send</button>
      <button type="button" className="button plain" onClick={() => void send({ close: true })}>End of input</button>
      {error && <p className="note bad" role="alert">{error}</p>}
    </form>
  );
}
