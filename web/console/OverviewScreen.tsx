import type { Assistant } from "../chat/assistant";
import { Icon } from "../chat/Icon";
import { moment } from "../shared/format";
import { useStore } from "../shared/store";
import type { Session, SessionList, Ticket, TicketList } from "../shared/types";
import { isOver } from "../shared/types";
import { to } from "./route";
import { States } from "./States";
import { TicketRow } from "./TicketRow";
import { useLoaded } from "./useLoaded";
import type { ScreenProps } from "./screens";

/** What runs now, what waits, and what was done last. */
export function OverviewScreen({ assistant }: ScreenProps) {
  const approvals = useStore(assistant.approvals);
  const chats = useStore(assistant.chats);
  const waiting = [...approvals.values()].filter((approval) => approval.state === "awaiting");
  const recent = useLoaded(() => latest(assistant), [assistant], 5_000);
  const running = (recent.value ?? []).filter((ticket) => !isOver(ticket.state));
  return (
    <div className="screen">
      <h1>Overview</h1>
      <ul className="tiles">
        <Tile number={running.length} text="running or waiting" href={to("tickets")} tone={running.length > 0 ? "busy" : ""} />
        <Tile number={waiting.length} text="to be decided by you" href={to("approvals")} tone={waiting.length > 0 ? "busy" : "good"} />
        <Tile number={chats.list.filter((chat) => chat.working_turn !== null).length} text="chats at work" href={to("chats")} tone="" />
      </ul>
      {assistant.may("chat") && (
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
      {assistant.may("shell.read") && (
        <section>
          <h2>Commands</h2>
          <States loaded={recent} isEmpty={(tickets) => tickets.length === 0} empty={<p>No command was run yet. What the assistant, scripts and people run appears here.</p>}>
            {(tickets) => <div className="rows">{tickets.slice(0, 12).map((ticket) => <TicketRow key={`${ticket.session}/${ticket.ticket}`} ticket={ticket} />)}</div>}
          </States>
        </section>
      )}
    </div>
  );
}

function Tile({ number, text, href, tone }: { number: number; text: string; href: string; tone: string }) {
  return <li><a className={`tile ${tone}`} href={href}><strong>{number}</strong> {text}</a></li>;
}

/** The latest tickets of the latest sessions. */
async function latest(assistant: Assistant): Promise<Ticket[]> {
  if (!assistant.may("shell.read")) return [];
  const { sessions } = await assistant.api.get<SessionList>("/v1/sessions?limit=8");
  const lists = await Promise.all(sessions.filter((session: Session) => session.last_ticket > 0).map((session) =>
    assistant.api.get<TicketList>(`/v1/sessions/${encodeURIComponent(session.name)}/tickets?limit=12&order=newest`).then((page) => page.tickets).catch(() => [])));
  return lists.flat().sort((left, right) => right.created.localeCompare(left.created));
}
