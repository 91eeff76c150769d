import { ReactNode, useState } from "react";
import { CopyButton } from "../chat/CopyButton";
import { Dialog } from "../chat/Dialog";
import { Icon } from "../chat/Icon";
import type { Action } from "./useAction";

/** Parts of one subject, one of which is shown; each has an address of its own. */
export function Tabs({ label, tabs }: { label: string; tabs: { name: string; href: string; isCurrent: boolean; count?: number }[] }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.href} className="button plain compact" href={tab.href} aria-current={tab.isCurrent ? "page" : undefined}>
          {tab.name}
          {tab.count !== undefined && tab.count > 0 && <span className="badge busy">{tab.count}</span>}
        </a>
      ))}
    </nav>
  );
}

/** What was refused, if anything was. */
export function Refusal({ action }: { action: Action }) {
  return action.error === null ? null : <p className="note bad" role="alert">{action.error}</p>;
}

/** How something that was asked for came out. */
export function Outcome({ action }: { action: Action }) {
  return (
    <>
      <Refusal action={action} />
      <div role="status" className="outcome">{action.done !== null && <p className="note good">{action.done}</p>}</div>
    </>
  );
}

/** Names and values below each other. */
export function Facts({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

/** JSON as people read it; what is no JSON as it is. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return <pre className="mono json" tabIndex={0} role="region" aria-label={label}>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>;
}

/** A button that asks once more before it does what cannot be undone. */
export function Sure({ label, question, children, confirm, tone = "danger", isDisabled = false, onYes }: {
  label: string;
  question: string;
  /** What will happen. */
  children: ReactNode;
  confirm: string;
  tone?: "danger" | "primary" | "plain";
  isDisabled?: boolean;
  onYes: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={`button ${tone === "plain" ? "" : tone}`} disabled={isDisabled} onClick={() => setOpen(true)}>{label}</button>
      {isOpen && (
        <Dialog title={question} onClose={() => setOpen(false)}>
          {children}
          <div className="form-row end">
            <button type="button" className="button" onClick={() => setOpen(false)}>Leave it</button>
            <button type="button" className={`button ${tone === "danger" ? "danger" : "primary"}`} onClick={() => { setOpen(false); onYes(); }}>{confirm}</button>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** A link that leaves the console, if it is one that a browser may follow. */
export function OutLink({ href, children }: { href: string; children: ReactNode }) {
  if (!/^https?:\/\//i.test(href)) return <span className="mono">{href}</span>;
  return <a href={href} target="_blank" rel="noopener noreferrer">{children}</a>;
}

/** A button for what cannot be undone: it asks once more in its place. */
export function Confirmed({ label, question, yes, isBusy = false, onYes }: {
  label: string;
  question: string;
  yes: string;
  isBusy?: boolean;
  onYes: () => void;
}) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) return <button type="button" className="button danger compact" disabled={isBusy} onClick={() => setAsking(true)}>{label}</button>;
  return (
    <span className="confirm" role="group" aria-label={question}>
      <span>{question}</span>
      <button type="button" className="button danger compact" onClick={() => { setAsking(false); onYes(); }}>{yes}</button>
      <button type="button" className="button plain compact" autoFocus onClick={() => setAsking(false)}>Keep</button>
    </span>
  );
}

/** A secret that is shown this once. */
export function OnceShown({ title, text, children, onDone }: { title: string; text: string; children: ReactNode; onDone: () => void }) {
  return (
    <section className="note good once" aria-label={title}>
      <h2>{title}</h2>
      <p className="once-text"><code className="mono">{text}</code> <CopyButton text={text} label="Copy it" /></p>
      <p>{children}</p>
      <button type="button" className="button" onClick={onDone}>I have it</button>
    </section>
  );
}

/** A box with a word beside it. */
export function Check({ checked, onChange, children, disabled = false }: { checked: boolean; onChange: (isOn: boolean) => void; children: ReactNode; disabled?: boolean }) {
  return (
    <label className="choice">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      <span>{children}</span>
    </label>
  );
}

/** The search above a list. */
export function Search({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) {
  return (
    <label className="history-search list-search">
      <span className="hidden">{label}</span>
      <Icon name="search" />
      <input className="input" type="search" value={value} placeholder={label} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

const meanings: Record<string, string> = {
  "shell.read": "see sessions, tickets and their output",
  "shell.run": "run commands and end them",
  "shell.input": "type into running commands",
  chat: "talk with the assistant",
  "chat.tools": "use the server's tools from programs",
  approve: "decide what commands wait for",
  share: "make links to chats",
  admin: "all settings: operators, tokens, rules, secrets",
  "ai.account": "connect an own account of a provider",
  "ai.action": "actions of business applications",
  "ai.artifact": "files that were made",
  "ai.wallet": "balances and usage",
  "ai.openai": "the OpenAI-compatible API, for users of business applications",
};

/** Permissions as boxes with what each means. */
export function PermissionBoxes({ all, chosen, onChange }: { all: string[]; chosen: string[]; onChange: (permissions: string[]) => void }) {
  return (
    <fieldset className="boxes">
      <legend>May</legend>
      {all.map((name) => (
        <Check key={name} checked={chosen.includes(name)} onChange={(isOn) => onChange(isOn ? [...chosen, name] : chosen.filter((other) => other !== name))}>
          {meanings[name] ?? name} <code className="badge">{name}</code>
        </Check>
      ))}
    </fieldset>
  );
}
