import "./common";
import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { Icon } from "../chat/Icon";
import { count, moment } from "../shared/format";
import type { SignIn, Token, TokenList } from "./admin";
import { SignInRows } from "./OperatorsScreen";
import { Confirmed, OnceShown, PermissionBoxes, Refusal, Tabs } from "./parts";
import { go, to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";
import { VirtualList } from "./VirtualList";

/** What programs carry, and where one is signed in. */
export function TokensScreen({ assistant, route: [part] }: ScreenProps) {
  const isAdmin = assistant.may("admin");
  const showsTokens = isAdmin && part !== "signins";
  return (
    <div className={`screen${showsTokens && part === undefined ? " full" : ""}`}>
      <div className="screen-head">
        <h1>{isAdmin ? "Tokens and sign-ins" : "Sign-ins"}</h1>
        {showsTokens && part === undefined && <a className="button primary" href={to("tokens", "new")}><Icon name="plus" /> New token</a>}
      </div>
      {isAdmin && (
        <Tabs label="Tokens and sign-ins" tabs={[
          { name: "Tokens of programs", href: to("tokens"), isCurrent: part !== "signins" },
          { name: "Your sign-ins", href: to("tokens", "signins"), isCurrent: part === "signins" },
        ]} />
      )}
      {!showsTokens ? <SignIns assistant={assistant} /> : part === "new" ? <NewToken assistant={assistant} /> : <Tokens assistant={assistant} />}
    </div>
  );
}

function SignIns({ assistant }: { assistant: Assistant }) {
  const signIns = useLoaded(() => assistant.api.get<{ sign_ins: SignIn[] }>("/v1/signins"), [assistant]);
  const action = useAction();
  return (
    <section aria-label="Your sign-ins">
      <p className="lead">Where you are signed in. End what you do not know, and set another passphrase in <a href={to("settings")}>Settings</a>.</p>
      <Refusal action={action} />
      <States loaded={signIns} isEmpty={(page) => page.sign_ins.length === 0} empty={<p>Nowhere.</p>}>
        {(page) => <SignInRows signIns={page.sign_ins} isBusy={action.isBusy} onEnd={(signIn) => void action.run(async () => { await assistant.api.send("DELETE", `/v1/signins/${signIn.id}`); signIns.reload(); })} />}
      </States>
    </section>
  );
}

function stateOf(token: Token): { word: string; tone: string } {
  if (token.revoked !== null) return { word: "revoked", tone: "bad" };
  if (token.expires !== null && new Date(token.expires) < new Date()) return { word: "expired", tone: "bad" };
  return { word: "valid", tone: "good" };
}

function Tokens({ assistant }: { assistant: Assistant }) {
  const tokens = useLoaded(() => assistant.api.get<TokenList>("/v1/admin/tokens"), [assistant]);
  const action = useAction();
  return (
    <>
      <p className="lead">A program shows its token in place of a sign-in. A token can never approve, or change settings.</p>
      <Refusal action={action} />
      <States loaded={tokens} isEmpty={(page) => page.tokens.length === 0} empty={<><h2>No token was made yet</h2><p>Make one for each program, so that each can be revoked alone.</p><a className="button" href={to("tokens", "new")}>New token</a></>}>
        {(page) => (
          <VirtualList
            count={page.tokens.length}
            label={count(page.tokens.length, "token")}
            height={72}
            narrowHeight={150}
            row={(index) => {
              const token = page.tokens[index] as Token;
              const { word, tone } = stateOf(token);
              return (
                <span className="row">
                  <span className="row-main two"><span>{token.name}</span><small>{token.permissions.join(", ")}</small></span>
                  <span className="row-side">
                    <span className={`badge ${tone}`}>{word}</span>
                    <span>made {moment(token.created)}</span>
                    <span>{token.last_used === null ? "never used" : `used ${moment(token.last_used)}`}</span>
                    {word === "valid" && token.expires !== null && <span>until {new Date(token.expires).toLocaleDateString()}</span>}
                    {word === "valid" && (
                      <Confirmed label="Revoke" question={`Revoke ${token.name}?`} yes="Revoke" isBusy={action.isBusy} onYes={() => void action.run(async () => { await assistant.api.send("DELETE", `/v1/admin/tokens/${token.id}`); tokens.reload(); })} />
                    )}
                  </span>
                </span>
              );
            }}
          />
        )}
      </States>
    </>
  );
}

const lifetimes: [string, number | null][] = [["30 days", 30], ["90 days", 90], ["a year", 365], ["for ever", null]];

function NewToken({ assistant }: { assistant: Assistant }) {
  const known = useLoaded(() => assistant.api.get<TokenList>("/v1/admin/tokens"), [assistant]);
  const [name, setName] = useState("");
  const [permissions, setPermissions] = useState<string[]>(["shell.read"]);
  const [days, setDays] = useState<number | null>(90);
  const [made, setMade] = useState<Token | null>(null);
  const action = useAction();
  const create = (event: FormEvent) => {
    event.preventDefault();
    void action.run(async () => setMade(await assistant.api.post<Token>("/v1/admin/tokens", { name: name.trim(), permissions, ...(days === null ? {} : { lifetime: days * 86_400 }) })));
  };
  if (made?.token !== undefined) {
    return <OnceShown title={`The token ${made.name}`} text={made.token} onDone={() => go("tokens")}>It is shown this once. The program sends it as <code>Authorization: Bearer {"\u2026"}</code>.</OnceShown>;
  }
  return (
    <States loaded={known} isEmpty={() => false} empty={null}>
      {(page) => (
        <form className="form" onSubmit={create}>
          <label className="field"><span>Name of the program</span>
            <input className="input" value={name} required maxLength={64} autoComplete="off" onChange={(event) => setName(event.target.value)} />
          </label>
          <PermissionBoxes all={page.permissions} chosen={permissions} onChange={setPermissions} />
          <fieldset className="boxes"><legend>Valid</legend>
            <div className="choices">
              {lifetimes.map(([word, value]) => (
                <label key={word} className="choice"><input type="radio" name="lifetime" checked={days === value} onChange={() => setDays(value)} /> <span>{word}</span></label>
              ))}
            </div>
          </fieldset>
          <Refusal action={action} />
          <div className="choices">
            <button type="submit" className="button primary" disabled={action.isBusy || permissions.length === 0}>Make the token</button>
            <a className="button plain" href={to("tokens")}>Back</a>
          </div>
        </form>
      )}
    </States>
  );
}
