import "./common";
import { useEffect, useRef, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { sentence } from "../shared/api";
import { count } from "../shared/format";
import type { Session, SessionList, Ticket, TicketList } from "../shared/types";
import { NewTicket } from "./NewTicket";
import { PagedList } from "./PagedList";
import { Search } from "./parts";
import { to } from "./route";
import { Problem, States } from "./States";
import { TicketRow } from "./TicketRow";
import { TicketView } from "./TicketView";
import { path } from "./useHosts";
import { useLate } from "./useLate";
import { useLoaded } from "./useLoaded";
import { usePages } from "./usePages";
import { VirtualList } from "./VirtualList";
import type { ScreenProps } from "./screens";

/** Sessions, the tickets of one, or one ticket as in a terminal. */
export function TicketsScreen({ assistant, route: [session, number] }: ScreenProps) {
  if (session === undefined) return <Sessions assistant={assistant} />;
  if (number === undefined) return <Tickets key={session} assistant={assistant} session={session} />;
  return <TicketView key={`${session}/${number}`} assistant={assistant} session={session} number={Number(number)} />;
}

function Sessions({ assistant }: { assistant: Assistant }) {
  const [search, setSearch] = useState("");
  const words = useLate(search.trim());
  const pages = usePages<Session, number>(async (after) => {
    const page = await assistant.api.get<SessionList>(path("/v1/sessions", { q: words, limit: 200, after }));
    return { rows: page.sessions, next: page.next };
  }, [assistant, words]);
  return (
    <div className="screen full">
      <h1>Tickets</h1>
      <p className="lead">Every command is a ticket in a session. A session keeps the order, and its tickets stay over restarts of the server.</p>
      {assistant.may("shell.run") && <NewTicket assistant={assistant} session={null} />}
      <Search label="Find a session" value={search} onChange={setSearch} />
      <PagedList
        pages={pages}
        label="Sessions"
        reset={words}
        empty={words === "" ? <p>There is no session yet. Run a command above, or let the assistant do it.</p> : <p>No session has this in its name.</p>}
        row={(session) => (
          <a className="row" href={to("tickets", session.name)}>
            <span className="row-main">{session.name}</span>
            <span className="row-side"><span>{session.mode}</span><span>{count(session.last_ticket, "ticket")}</span><span>made by {session.created_by === `operator:${assistant.who.operator.id}` ? "you" : session.created_by}</span></span>
          </a>
        )}
      />
    </div>
  );
}

function Tickets({ assistant, session }: { assistant: Assistant; session: string }) {
  const known = useLoaded(() => assistant.api.get<Session>(`/v1/sessions/${encodeURIComponent(session)}`), [assistant, session], 5_000);
  const [search, setSearch] = useState("");
  const words = useLate(search.trim());
  return (
    <div className="screen full">
      <p className="crumbs"><a href={to("tickets")}>Tickets</a></p>
      <h1>{session}</h1>
      {assistant.may("shell.run") && <NewTicket assistant={assistant} session={session} />}
      {(known.value?.last_ticket ?? 0) > 1 && <Search label="Find a command" value={search} onChange={setSearch} />}
      {words !== "" && <FoundTickets assistant={assistant} session={session} words={words} />}
      {words === "" && <States loaded={known} isEmpty={(value) => value.last_ticket === 0} empty={<p>No command was run in this session yet.</p>}>
        {(value) => <Virtual assistant={assistant} session={session} last={value.last_ticket} />}
      </States>}
    </div>
  );
}

/** Tickets whose command has the words, the newest first; the server looks for them. */
function FoundTickets({ assistant, session, words }: { assistant: Assistant; session: string; words: string }) {
  const pages = usePages<Ticket, number>(async (after) => {
    const page = await assistant.api.get<TicketList>(path(`/v1/sessions/${encodeURIComponent(session)}/tickets`, { q: words, order: "newest", limit: 100, after }));
    return { rows: page.tickets, next: page.next };
  }, [assistant, session, words]);
  return <PagedList pages={pages} label="Found tickets" reset={words} empty={<p>No command of this session has this in it.</p>} row={(ticket) => <TicketRow ticket={ticket} />} />;
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
