import { useEffect, useMemo, useRef, useState } from "react";
import { ApprovalBox } from "../chat/ApprovalBox";
import type { Assistant, LiveTicket } from "../chat/assistant";
import { CopyButton } from "../chat/CopyButton";
import { Icon } from "../chat/Icon";
import { bytes, count, duration } from "../shared/format";
import { isOver, Ticket } from "../shared/types";
import { TerminalScreen } from "../terminal/screen";
import { ScreenView } from "../terminal/ScreenView";
import { find, FoundLines } from "./FoundLines";
import { Check } from "./parts";
import { to } from "./route";
import { TicketInput } from "./TicketInput";
import { TicketState } from "./TicketRow";
import { useTerminalSize } from "./useTerminalSize";
import { WholeOutput } from "./WholeOutput";

/** A command in a terminal has a screen that programs draw on; any other has lines. */
function draw(ticket: Ticket): TerminalScreen | null {
  return ticket.terminal ? new TerminalScreen(ticket.columns ?? 80, ticket.rows ?? 24) : null;
}

/** One ticket as in a terminal: live, to be searched, and to be typed into. */
export function TicketView({ assistant, session, number }: { assistant: Assistant; session: string; number: number }) {
  const [live, setLive] = useState<LiveTicket | null>(null);
  const [search, setSearch] = useState("");
  const [isFiltered, setFiltered] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [isDirect, setDirect] = useState(false);
  useEffect(() => {
    const { store, leave } = assistant.watch(session, number, draw);
    let picture = 0;
    const show = () => {
      picture = 0;
      setLive({ ...store.value });
    };
    show();
    // However much comes, it is drawn once for each picture.
    const end = store.subscribe(() => (picture ||= requestAnimationFrame(show)));
    return () => {
      end();
      cancelAnimationFrame(picture);
      leave();
    };
  }, [assistant, session, number]);
  useEffect(() => {
    const element = frame.current;
    if (element && isAtEnd.current && search === "") element.scrollTop = element.scrollHeight;
  }, [live?.version]);
  const ticket = live?.ticket ?? null;
  const screen = live?.output instanceof TerminalScreen ? live.output : null;
  const isSearching = search.trim() !== "";
  // A screen is not made of lines but for searching in it.
  const lines = useMemo(() => (screen && !isSearching ? [] : live?.output.lines ?? []), [live?.version, isSearching, screen]);
  const { fit, claim } = useTerminalSize(assistant, ticket);
  const found = useMemo(() => find(lines, search), [lines, search]);
  useEffect(() => {
    if (search.trim() !== "") frame.current?.querySelector("mark")?.scrollIntoView({ block: "center" });
  }, [search]);
  const canType = ticket?.interactive === true && ticket.state === "running" && assistant.may("shell.input");
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
        {ticket?.output_bytes !== undefined && <span>{bytes(ticket.output_bytes)}</span>}
        {ticket && <span>by {ticket.submitted_by === `operator:${assistant.who.operator.id}` ? "you" : ticket.submitted_by}</span>}
        {ticket?.notes?.map((note) => <span key={note}>{note}</span>)}
        <span className="spacer" />
        <a className="button plain compact" href={`${path}/output`} download={`${session}-${number}.txt`}><Icon name="down" /> Output</a>
        {ticket && !isOver(ticket.state) && (
          <button type="button" className="button danger compact" onClick={() => void assistant.cancelTicket(session, number)}><Icon name="stop" /> End it</button>
        )}
      </div>
      {ticket?.state === "awaiting_approval" && ticket.approval && <article className="card asks"><ApprovalBox id={ticket.approval.id} assistant={assistant} /></article>}
      <div className="filters output-search">
        <label className="history-search list-search"><span className="hidden">Find in the output</span><Icon name="search" /><input className="input" type="search" placeholder="Find in the output" value={search} onChange={(event) => setSearch(event.target.value)} /></label>
        {search.trim() !== "" && (
          <>
            <span role="status">{found.count === 0 ? "not found" : `${count(found.count, "time")} in ${count(found.places.length, "line")}`}</span>
            <Check checked={isFiltered} onChange={setFiltered}>Only these lines</Check>
          </>
        )}
      </div>
      {search.trim() !== "" && live && live.output.omitted > 0 && <WholeOutput key={search} assistant={assistant} session={session} number={number} search={search} />}
      {screen && live && !isSearching && (
        <ScreenView screen={screen} version={live.version} frame={frame} isOver={ticket !== null && isOver(ticket.state)} isDirect={isDirect && canType} onSize={fit} onPress={() => setDirect(canType)} />
      )}
      {!(screen && !isSearching) && <div
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
        <pre className="output"><FoundLines lines={lines} found={found} isFiltered={isFiltered} search={search} /></pre>
        {ticket && isOver(ticket.state) && !screen && lines.length === 0 && <p className="marker">It printed nothing.</p>}
      </div>}
      {ticket && canType && <TicketInput assistant={assistant} ticket={ticket} frame={frame} screen={screen} isDirect={isDirect && !isSearching} onDirect={(isOn) => { if (isOn) claim(); setDirect(isOn); }} />}
    </div>
  );
}
