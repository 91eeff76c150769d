import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { minor, money } from "./money";
import type { Statement } from "./oversight";
import { Outcome } from "./parts";
import { useAction } from "./useAction";

/** How much a brand or a user may spend in a day or month, how low the wallet may go, and when it is told that it is low. */
export function CapsView({ assistant, base, wallet, onChanged }: { assistant: Assistant; base: string; wallet: Statement; onChanged: () => void }) {
  const action = useAction();
  const change = (body: object, done: string) => void action.run(async () => {
    await assistant.api.send("PATCH", base, { body });
    onChanged();
    return done;
  });
  return (
    <section>
      <h2>Limits</h2>
      <Outcome action={action} />
      <div className="two">
        <div className="panel">
          <h3>Caps</h3>
          {wallet.caps.length === 0 && <p className="hint">Nothing but the balance limits what is spent.</p>}
          {wallet.caps.length > 0 && (
            <ul className="facts-list">{wallet.caps.map((cap) => <li key={cap.of + cap.period}><strong>{whose(cap)}</strong>: {money(cap.amount, wallet.unit)} a {cap.period}</li>)}</ul>
          )}
          <NewCap assistant={assistant} wallet={wallet} onChanged={onChanged} />
        </div>
        <div className="panel">
          <h3>The line, and warnings</h3>
          <Amounts label={`It may go below zero by, in ${wallet.unit.name}`} value={[wallet.line]} wallet={wallet} isBusy={action.isBusy} onSave={([line]) => change({ line: line ?? 0 }, "The line is drawn.")} />
          <Amounts label={`Warn when the balance falls to, in ${wallet.unit.name}; several with spaces`} value={wallet.thresholds} wallet={wallet} isBusy={action.isBusy} onSave={(thresholds) => change({ thresholds }, "Warnings are set.")} />
          <p className="hint">Warnings are events that the application reads: <code>GET /v1/admin/wallet-events</code>.</p>
        </div>
      </div>
    </section>
  );
}

function whose(cap: { of: string; name?: string | null }): string {
  if (cap.of === "each_user") return "Each user";
  const kind = cap.of.startsWith("brand:") ? "Brand" : "User";
  return `${kind} ${cap.name ?? cap.of.slice(cap.of.indexOf(":") + 1)}`;
}

function Amounts({ label, value, wallet, isBusy, onSave }: { label: string; value: number[]; wallet: Statement; isBusy: boolean; onSave: (amounts: number[]) => void }) {
  const shown = value.filter((amount) => amount !== 0 || value.length > 1).map((amount) => String(amount / 10 ** wallet.unit.decimals)).join(" ");
  const [text, setText] = useState(shown);
  const amounts = text.split(/\s+/).filter((word) => word !== "").map((word) => minor(word, wallet.unit));
  const isWrong = amounts.includes(null);
  const save = (event: FormEvent) => {
    event.preventDefault();
    onSave(amounts.filter((amount): amount is number => amount !== null));
  };
  return (
    <form className="form-row" onSubmit={save}>
      <label className="field"><span>{label}</span><input className="input" inputMode="decimal" value={text} aria-invalid={isWrong} placeholder="0" onChange={(event) => setText(event.target.value)} /></label>
      <button type="submit" className="button" disabled={isWrong || isBusy || text === shown}>Save</button>
    </form>
  );
}

function NewCap({ assistant, wallet, onChanged }: { assistant: Assistant; wallet: Statement; onChanged: () => void }) {
  const [subject, setSubject] = useState<"each_user" | "user" | "brand">("each_user");
  const [name, setName] = useState("");
  const [period, setPeriod] = useState("month");
  const [text, setText] = useState("");
  const action = useAction();
  const value = text.trim() === "" ? null : minor(text, wallet.unit);
  const isWrong = text.trim() !== "" && value === null;
  const save = (event: FormEvent) => {
    event.preventDefault();
    void action.run(async () => {
      const body: Record<string, unknown> = { client: wallet.client, issuer: wallet.issuer ?? undefined, period };
      if (value !== null) body["amount"] = value;
      body[subject] = subject === "each_user" ? true : name.trim();
      await assistant.api.send("PUT", "/v1/admin/caps", { body });
      setText("");
      onChanged();
      return value === null ? "The cap is gone." : "The cap holds from now on.";
    });
  };
  return (
    <form className="panel-form" onSubmit={save}>
      <Outcome action={action} />
      <div className="form-row">
        <label className="field"><span>Of</span><select className="select" value={subject} onChange={(event) => setSubject(event.target.value as typeof subject)}><option value="each_user">each user</option><option value="user">one user</option><option value="brand">one brand</option></select></label>
        {subject !== "each_user" && <label className="field"><span>{subject === "user" ? "User's id" : "Brand's id"}</span><input className="input" required value={name} onChange={(event) => setName(event.target.value)} /></label>}
        <label className="field"><span>In a</span><select className="select" value={period} onChange={(event) => setPeriod(event.target.value)}><option value="day">day</option><option value="month">month</option></select></label>
        <label className="field"><span>At most, in {wallet.unit.name}</span><input className="input" inputMode="decimal" value={text} aria-invalid={isWrong} placeholder="no cap" onChange={(event) => setText(event.target.value)} /></label>
        <button type="submit" className="button" disabled={isWrong || action.isBusy}>{value === null && !isWrong ? "Take it away" : "Set"}</button>
      </div>
    </form>
  );
}
