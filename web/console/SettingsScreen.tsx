import "./common";
import { FormEvent, useMemo, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { NoticeSwitch } from "../chat/notices";
import { adopt } from "../chat/SignIn";
import { count } from "../shared/format";
import type { SignedIn } from "../shared/types";
import type { ServerSettings } from "./admin";
import { Check, Refusal, Search, Tabs } from "./parts";
import { go, to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { showTheme, Theme } from "./theme";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";

/** How it looks and tells, one's passphrase, and for administrators how the server is set up. */
export function SettingsScreen({ assistant, memory, route: [part], enter }: ScreenProps) {
  const [theme, setTheme] = useState<Theme>(memory.read<Theme>("theme"));
  const isAdmin = assistant.may("admin");
  const choose = (choice: Theme) => {
    memory.write("theme", choice);
    showTheme(choice);
    setTheme(choice);
  };
  return (
    <div className="screen">
      <h1>Settings</h1>
      {isAdmin && <Tabs label="Settings" tabs={[{ name: "Yours", href: to("settings"), isCurrent: part !== "server" }, { name: "The server's", href: to("settings", "server"), isCurrent: part === "server" }]} />}
      {isAdmin && part === "server" ? <Server assistant={assistant} /> : (
        <>
          <section>
            <h2>Colours</h2>
            <div className="choices" role="group" aria-label="Colours">
              {([["As the system", null], ["Light", "light"], ["Dark", "dark"]] as [string, Theme][]).map(([name, choice]) => (
                <button key={name} type="button" className="button" aria-pressed={theme === choice} onClick={() => choose(choice)}>{name}</button>
              ))}
            </div>
          </section>
          {assistant.may("approve") && (
            <section>
              <h2>Notifications</h2>
              <p className="hint">When a command waits for your decision and you look at something else, this browser can tell you, for as long as the console or the assistant is open in a tab.</p>
              <NoticeSwitch assistant={assistant} />
            </section>
          )}
          <section>
            <h2>Passphrase</h2>
            {part === "changed" && <p className="note good" role="status">It is another one now. All other sign-ins of yours are over.</p>}
            <OwnPassphrase assistant={assistant} onDone={(who) => { go("settings", "changed"); enter(who); }} />
          </section>
          <section>
            <h2>Your permissions</h2>
            <p>{assistant.who.operator.permissions.map((name) => <code key={name} className="badge">{name}</code>)}</p>
            <p><a href={to("tokens", "signins")}>Where you are signed in</a></p>
          </section>
        </>
      )}
    </div>
  );
}

/** Sets another passphrase, which ends all sign-ins, and signs in again with it. */
export function OwnPassphrase({ assistant, onDone }: { assistant: Assistant; onDone: (who: SignedIn) => void }) {
  const [present, setPresent] = useState("");
  const [next, setNext] = useState("");
  const action = useAction();
  const { api, who } = assistant;
  const save = (event: FormEvent) => {
    event.preventDefault();
    void action.run(async () => {
      // The stream ends with its sign-in, which is not to be taken for the end of this one.
      assistant.feed.pause();
      try {
        onDone(await api.alone(async () => {
          await api.send("PUT", "/v1/signin/passphrase", { isAlone: true, body: { current: present, passphrase: next } });
          const body = { username: who.operator.name, passphrase: next, kind: "browser" };
          const signedIn = await api.send<SignedIn>("POST", "/v1/signin", { isAlone: true, body });
          adopt(api, signedIn);
          return signedIn;
        }));
      } catch (error) {
        assistant.feed.resume();
        throw error;
      }
    });
  };
  return (
    <form className="form" onSubmit={save}>
      <input className="hidden" type="text" autoComplete="username" value={who.operator.name} readOnly tabIndex={-1} aria-hidden="true" />
      <label className="field"><span>Present passphrase</span>
        <input className="input" type="password" value={present} required autoComplete="current-password" onChange={(event) => setPresent(event.target.value)} />
      </label>
      <label className="field"><span>New passphrase: 10 characters or more, such as four words</span>
        <input className="input" type="password" value={next} required minLength={10} maxLength={72} autoComplete="new-password" onChange={(event) => setNext(event.target.value)} />
      </label>
      <Refusal action={action} />
      <div className="choices"><button type="submit" className="button primary" disabled={action.isBusy}>Set it</button></div>
    </form>
  );
}

function Server({ assistant }: { assistant: Assistant }) {
  const settings = useLoaded(() => assistant.api.get<ServerSettings>("/v1/admin/server/settings"), [assistant]);
  const [search, setSearch] = useState("");
  const [isGiven, setGiven] = useState(false);
  const words = search.trim().toLowerCase();
  const groups = useMemo(() => {
    const found = (settings.value?.options ?? []).filter((option) => (!isGiven || !option.default)
      && (words === "" || `${option.key} ${option.value} ${option.summary}`.toLowerCase().includes(words)));
    return [...new Set(found.map((option) => option.group))].map((group) => ({ group, options: found.filter((option) => option.group === group) }));
  }, [settings.value, words, isGiven]);
  return (
    <States loaded={settings} isEmpty={() => false} empty={null}>
      {(all) => (
        <>
          <p className="lead">
            What the server was started with. It is changed in <code className="mono">{all.file}</code>, or where each value comes from, and takes a restart; rules for commands do not.
          </p>
          {all.sections.length > 0 && <p>Sections of the file: {all.sections.map((name) => <code key={name} className="badge">{name}</code>)}</p>}
          {all.warnings.map((warning) => <p key={warning} className="note busy">{warning}</p>)}
          <div className="filters">
            <Search label="Find an option" value={search} onChange={setSearch} />
            <Check checked={isGiven} onChange={setGiven}>Only what is not the default</Check>
          </div>
          {groups.length === 0 && <div className="empty"><p>{isGiven && words === "" ? "Everything is as it comes." : "No option has this."}</p></div>}
          {groups.map(({ group, options }) => (
            <section key={group} aria-label={`${group}: ${count(options.length, "option")}`}>
              <h2>{group}</h2>
              <dl className="options">
                {options.map((option) => (
                  <div key={option.key}>
                    <dt><code className="mono">{option.key}</code><small>{option.summary}</small></dt>
                    <dd><code className="mono">{option.value}</code><small className={option.default ? "" : "given"}>{option.default ? "default" : option.source}</small></dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </>
      )}
    </States>
  );
}
