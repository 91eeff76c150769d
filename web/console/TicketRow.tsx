import { duration, moment } from "../shared/format";
import type { Ticket } from "../shared/types";
import { to } from "./route";

const words: Record<string, string> = {
  awaiting_approval: "waits for a decision", queued: "queued", starting: "starting", running: "running", killed: "killed",
  timed_out: "time limit", cancelled: "cancelled", denied: "denied", expired: "expired", lost: "lost", failed: "could not start",
};

/** A ticket's state in a word and a colour. */
export function TicketState({ ticket }: { ticket: Ticket }) {
  const isGood = ticket.state === "exited" && ticket.exit_code === 0;
  const isBusy = ["awaiting_approval", "queued", "starting", "running"].includes(ticket.state);
  const tone = isGood ? "good" : isBusy ? "busy" : ["cancelled", "expired"].includes(ticket.state) ? "" : "bad";
  const text = ticket.state === "exited" ? (isGood ? "done" : `exit ${ticket.exit_code}`) : words[ticket.state] ?? ticket.state;
  return <span className={`badge ${tone}`}><span className="dot" aria-hidden="true" />{text}</span>;
}

export function TicketRow({ ticket }: { ticket: Ticket }) {
  return (
    <a className="row" href={to("tickets", ticket.session, ticket.ticket)}>
      <code className="row-main">{ticket.command}</code>
      <span className="row-side">
        <TicketState ticket={ticket} />
        {ticket.duration !== null && <span>{duration(ticket.duration)}</span>}
        <span>{ticket.session}/{ticket.ticket}</span>
        <span>{moment(ticket.created)}</span>
      </span>
    </a>
  );
}
