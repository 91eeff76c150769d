import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import type { Ticket } from "../shared/types";
import { Check, Refusal } from "./parts";
import { go } from "./route";
import { useAction } from "./useAction";

/** A line that becomes a ticket. */
export function NewTicket({ assistant, session }: { assistant: Assistant; session: string | null }) {
  const [command, setCommand] = useState("");
  const [isInteractive, setInteractive] = useState(false);
  const action = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (command.trim() === "") return;
    void action.run(async () => {
      const name = session ?? `console-${assistant.who.operator.name}`;
      const ticket = await assistant.api.post<Ticket>(`/v1/sessions/${encodeURIComponent(name)}/tickets`, {
        command,
        // Wide enough for most programs, narrow enough for a window of the usual size.
        ...(isInteractive ? { input: { open: true }, terminal: { columns: 100, rows: 30 } } : {}),
      });
      go("tickets", ticket.session, ticket.ticket);
    });
  };
  return (
    <form className="command-line" onSubmit={submit}>
      <label className="hidden" htmlFor="command">Command</label>
      <input id="command" className="input mono" value={command} placeholder="uname -a" autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setCommand(event.target.value)} />
      <button type="submit" className="button primary" disabled={action.isBusy || command.trim() === ""}>Run</button>
      {assistant.may("shell.input") && <Check checked={isInteractive} onChange={setInteractive}>In a terminal: I type into it</Check>}
      <Refusal action={action} />
    </form>
  );
}
